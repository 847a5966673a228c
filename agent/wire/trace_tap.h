// SPDX-License-Identifier: Apache-2.0
// trace_tap.h: what the goroutine runtime tells the agent while a trace is recorded (trace_ring.h).
//
// In a program that was built for traces, libstray_recorder hears of goroutines, channels and locks, as
// ThreadSanitizer would, and the agent of waits only. In any other it is the agent that is told all of it.
#ifndef STRAY_AGENT_WIRE_TRACE_TAP_H_
#define STRAY_AGENT_WIRE_TRACE_TAP_H_

#include <cstdint>

#include "agent/wire/trace_ring.h"

namespace stray::trace {

inline constexpr uint32_t kTapAbi = 1;

// All of them: of the calling thread, and what it runs. None blocks but for room in the trace.
struct Tap {
  // The task that runs stops: at `object`, for `reason` (WaitReason).
  void (*park)(uint16_t reason, const void* object);
  // A thread that was parked goes on.
  void (*unpark)();
  // It makes this goroutine runnable.
  void (*ready)(uint64_t goroutine);

  // Only where no libstray_recorder is.
  // Fibers are numbered from 1; 0 is the thread itself.
  uint32_t (*create_fiber)();
  void (*name_fiber)(uint32_t fiber, uint64_t goroutine, const char* name);
  void (*switch_fiber)(uint32_t fiber);
  uint32_t (*current_fiber)();
  void (*end_fiber)(uint32_t fiber);
  // The task that runs comes to its next scheduling point.
  void (*point)();
  // Op::kAcquire, kRelease, kForget.
  void (*order)(Op op, uint8_t argument, const void* address);
  // Op::kLockTaken, kLockGiven: called at `pc` by the program, from a function with this frame pointer.
  void (*lock)(Op op, uint8_t mode, const void* lock, const void* pc, const void* frame);
  // Op::kChannel, kChannelMade, kGroup: called like lock(). `third`: the third word, if there is one.
  void (*step)(Op op, uint8_t argument, const void* object, const void* pc, const void* frame, uint64_t third);
};

}  // namespace stray::trace

extern "C" {
// Exported by the agent. Null: no trace is recorded in this process.
const stray::trace::Tap* stray_agent_trace_tap(uint32_t abi);
}

#endif  // STRAY_AGENT_WIRE_TRACE_TAP_H_
