// SPDX-License-Identifier: Apache-2.0
// channel_steps.h: what is done to channels and wait groups, told to a trace. It orders nothing, which
// happens_before.h does; it says what could have gone wrong in another order, and what was never done.
//
// Whatever may wait is told twice, when it is about to be done and when it is done.
#ifndef STRAY_INSTRUMENTATION_TSAN_CHANNEL_STEPS_H_
#define STRAY_INSTRUMENTATION_TSAN_CHANNEL_STEPS_H_

#include <cstddef>
#include <cstdint>

#include "instrumentation/tsan/fibers.h"

extern "C" {
[[gnu::weak]] void stray_trace_channel(unsigned step, const void* channel, const void* caller);
[[gnu::weak]] void stray_trace_channel_made(const void* channel, size_t capacity, const void* caller);
[[gnu::weak]] void stray_trace_group(unsigned step, const void* group, int32_t change, const void* caller);
}

namespace stray::tsan {

using trace::ChannelStep;
using trace::GroupStep;

// Of all of them: return address in the program's own code, and the frame of the function that it called.
struct StepCaller {
  const void* pc;
  const void* frame;
};
// Must stand in that function.
#define STRAY_STEP_CALLER() \
  ::stray::tsan::StepCaller { __builtin_return_address(0), __builtin_frame_address(0) }

inline void TellStep(ChannelStep step, const void* channel, const StepCaller& caller) {
  if (!HasTsan()) [[likely]]
    return;
  if (&stray_trace_channel != nullptr)
    return stray_trace_channel(static_cast<unsigned>(step), channel, caller.pc);
  if (!HasTsanInterface())
    detail::tap->step(trace::Op::kChannel, static_cast<uint8_t>(step), channel, caller.pc, caller.frame, 0);
}
// Before anybody else knows of it.
inline void TellMade(const void* channel, size_t capacity, const StepCaller& caller) {
  if (!HasTsan()) [[likely]]
    return;
  if (&stray_trace_channel_made != nullptr) return stray_trace_channel_made(channel, capacity, caller.pc);
  if (!HasTsanInterface())
    detail::tap->step(trace::Op::kChannelMade, 1, channel, caller.pc, caller.frame, capacity);
}
// `change`: of the counter, by a kChange.
inline void TellStep(GroupStep step, const void* group, int32_t change, const StepCaller& caller) {
  if (!HasTsan()) [[likely]]
    return;
  if (&stray_trace_group != nullptr)
    return stray_trace_group(static_cast<unsigned>(step), group, change, caller.pc);
  if (!HasTsanInterface())
    detail::tap->step(trace::Op::kGroup, static_cast<uint8_t>(step), group, caller.pc, caller.frame,
                      trace::PackChange(change));
}

}  // namespace stray::tsan

#endif  // STRAY_INSTRUMENTATION_TSAN_CHANNEL_STEPS_H_
