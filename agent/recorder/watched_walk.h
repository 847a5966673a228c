// SPDX-License-Identifier: Apache-2.0
// watched_walk.h: what a stack depends on.
//
// The unwind rules of an address are fixed, so a stack is the same as last time if every word of it is that the
// rules read: return addresses, and frame pointers that frames are found by. Who has walked once and kept those
// words can tell in some nanoseconds whether a walk would give anything new.
#ifndef STRAY_AGENT_RECORDER_WATCHED_WALK_H_
#define STRAY_AGENT_RECORDER_WATCHED_WALK_H_

#include <cstdint>

#include "agent/recorder/thread.h"

namespace stray::agent {

struct StackWord {
  const uint64_t* where;
  uint64_t value;
};

enum class WatchedEnd {
  kStopped,      // by the visitor
  kOutermost,    // there are no more frames
  kUnwatchable,  // a frame depends on more than words of the stack
};

inline constexpr uint32_t kMostFrameWords = 2;

// Steps out of the frames of the calling thread, from the one at `pc` on, to which the function with this frame
// pointer will return. For each the visitor gets the words by which it was left, in the order in which they
// have to be looked at, the return address last; false stops. Costs some 100 ns a frame.
WatchedEnd WalkWatching(const InsideAgent& inside, uint64_t pc, const uint64_t* frame,
                        bool (*visit)(void* argument, const StackWord* words, uint32_t count), void* argument);

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_WATCHED_WALK_H_
