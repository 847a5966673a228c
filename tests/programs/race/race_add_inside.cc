// SPDX-License-Identifier: Apache-2.0
// race_add_inside.cc: a goroutine counts itself, while main waits already, or not yet.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/go.h>
#include <stray/wait_group.h>

#include "tests/support/order.h"
#include "tests/support/parked.h"

static stray::WaitGroup all;
static Gate added, waits;

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    stray::Go("worker", [] {
      all.Add(1);
      GateOpen(&added);
      GateAwait(&waits);
      all.Done();
    });
    // Another one looks for that: TSan keeps the last accesses only of who makes many.
    stray::Go("observer", [] {
      stray::AwaitParked(stray::WaitReason::kSyncWaitGroupWait, &all);
      GateOpen(&waits);
    });
    GateAwait(&added);
    // want race.data x1: by .*main.* at .* and read by G\d+ "worker" at
    all.Wait();
  });
}
