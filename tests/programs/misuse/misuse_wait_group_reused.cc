// SPDX-License-Identifier: Apache-2.0
// misuse_wait_group_reused.cc: the next round is added before the waiter of the last one has gone on.
//
//   main          waiter
//   Add 1         Wait
//   Done          .        runnable, but there is one processor
//   Add 1         .
//   Yield         goes on, and finds the group in use
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// exit: 2
#include <stray/go.h>
#include <stray/wait_group.h>

#include "tests/support/parked.h"

static stray::WaitGroup round;

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(1);
    round.Add(1);
    stray::Go("waiter", [] {
      round.Wait();  // want wait-group.misuse x1: was used again, or added to, .*WaitGroup::Wait
    });
    stray::AwaitParked(stray::WaitReason::kSyncWaitGroupWait, &round);
    round.Done();
    round.Add(1);
    for (;;) stray::Yield();
  });
}
