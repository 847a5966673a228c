// SPDX-License-Identifier: Apache-2.0
// reach.h: region kReach of the black box: who can reach what the tasks of the snapshot wait for.
#ifndef STRAY_AGENT_WIRE_REACH_H_
#define STRAY_AGENT_WIRE_REACH_H_

#include <cstdint>

namespace stray::box {

// Whether region kReach has all of what it should. Each of the others says why not.
enum class ReachState : uint32_t {
  kNotAsked,
  kComplete,
  kNoHeap,     // the program was not started with --prove
  kOwnHeap,    // it brings a malloc of its own
  kSanitizer,  // whose memory holds pointers to everything
  kNotStill,   // a thread could not be stopped
  kNoFork,     // the kernel gave no copy of the process
  kNoMemory,
  kDied,     // the copy ended before it was through
  kNoSpace,  // in the black box
  kTooLong,
  kNotEnded,  // the process died meanwhile
};

// An edge of who can reach what: whoever has `from` has `to`. Each is a tagged number: see ReachTag.
struct ReachRecord {
  uint64_t from;
  uint64_t to;
};
static_assert(sizeof(ReachRecord) == 16);
enum ReachTag : uint64_t {
  kReachAnybody = 0,                 // all tasks that still run: variables, and memory that nothing is known of
  kReachTask = uint64_t{1} << 56,    // a task, by its number
  kReachMemory = uint64_t{2} << 56,  // a piece of memory, numbered from 1
  kReachAddress = uint64_t{3} << 56,  // what tasks of the snapshot wait for, by its address
  kReachTagMask = uint64_t{255} << 56,
};

}  // namespace stray::box

#endif  // STRAY_AGENT_WIRE_REACH_H_
