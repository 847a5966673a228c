// SPDX-License-Identifier: Apache-2.0
// race_add_inside.cc: main counts a goroutine before it starts it.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/go.h>
#include <stray/wait_group.h>

#include "tests/support/parked.h"

static stray::WaitGroup all;

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    all.Add(1);
    stray::Go("worker", [] {
      stray::AwaitParked(stray::WaitReason::kSyncWaitGroupWait, &all);
      all.Done();
    });
    all.Wait();
  });
}
