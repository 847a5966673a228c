// SPDX-License-Identifier: Apache-2.0
// creations.h: how goroutines came about: the stack of the call that created each, that of its creator, and so
// on. Different ones are kept once, so that a million goroutines from one place cost nothing but the look-up.
//
// That look-up stands on the path of every stray::Go. A walk takes as long as the rest of it, or longer, so
// each thread remembers some stacks with all that they depend on (watched_walk.h), relative to where the stack
// pointer was: the same call on the stack of another goroutine looks the same. Checking that takes about a
// nanosecond a frame.
//
// Ancestors are kept kMostAncestors deep. When a chain gets longer, it starts anew with the creator alone, and
// says that it was cut; so goroutines that create each other for ever need a bounded table.
#ifndef STRAY_AGENT_RECORDER_CREATIONS_H_
#define STRAY_AGENT_RECORDER_CREATIONS_H_

#include "agent/recorder/sites.h"
#include "agent/recorder/thread.h"

namespace stray::agent {

inline constexpr uint32_t kMostAncestors = 10;

class Creations {
 public:
  static bool Initialize();

  // The number for a task that the calling thread creates in the frame that `caller` returns to, by a task
  // whose own number is `parent`. 0: there is no room, which is counted.
  static uint32_t Note(Thread* thread, uint32_t parent, const Caller& caller);

  // The stack of the frame that `caller` returns to, found by the same means; 0: there is no room.
  static uint32_t StackAt(Thread* thread, const Caller& caller);

  // The stack of creation `creation`, 0 for 0.
  static uint32_t StackOf(uint32_t creation);
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_CREATIONS_H_
