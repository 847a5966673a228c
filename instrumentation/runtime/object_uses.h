// SPDX-License-Identifier: Apache-2.0
// object_uses.h: who has used which side of an object, for reports. Kept only beside an agent.
//
// A channel keeps its own. Conditions, wait groups and semaphores lie in the program's memory and have no
// destructor that could give anything back, so they keep a number, and what belongs to it lies in a table of
// the objects that came last.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_OBJECT_USES_H_
#define STRAY_INSTRUMENTATION_RUNTIME_OBJECT_USES_H_

#include <atomic>

#include "agent/wire/runtime_abi.h"
#include "stray/mutex.h"

namespace stray::runtime {

// Notes that `task`, the calling one, uses this side. Callers see to it that there is one at a time.
void AddUse(runtime_abi::ObjectUses& uses, runtime_abi::UseSide side, uint64_t task);

class UsesTable {
 public:
  // The calling task uses this side of the object that keeps `number`, which is 0 at first. Any thread.
  static void Note(std::atomic<uint32_t>& number, runtime_abi::UseSide side) {
    if (detail::AreLocksWatched()) [[unlikely]]
      NoteSlow(number, side);
  }

  // False: nothing is kept. Takes no lock, so what is changing just now may be of two moments.
  static bool Copy(uint32_t number, runtime_abi::ObjectUses* out);

 private:
  static void NoteSlow(std::atomic<uint32_t>& number, runtime_abi::UseSide side);
};

// When tasks have ended that had used something: of as many as there is room for, the last ones. Kept only
// beside an agent. Any thread; no locks.
class EndTimes {
 public:
  static void Note(uint64_t task);
  // CLOCK_MONOTONIC; 0: it has not ended, or others have taken its place since. Context: signal handler.
  static int64_t Of(uint64_t task);
};

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_OBJECT_USES_H_
