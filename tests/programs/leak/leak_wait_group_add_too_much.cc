// SPDX-License-Identifier: Apache-2.0
// leak_wait_group_add_too_much.cc: one more is added than is started, so who waits for all waits for ever.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/wait_group.h>

#include "tests/support/parked.h"

static stray::WaitGroup workers;

int main() {
  return stray::Main([] {
    auto worked = stray::MakeChan<stray::Unit>();
    workers.Add(4);
    for (int i = 0; i < 3; ++i) {
      stray::Go("worker", [worked] {
        workers.Done();
        worked.Send({});
      });
    }
    stray::Go("waiter", [] {
      // want leak.blocked x1: "waiter" waits in sync.WaitGroup.Wait .* group workers\. Its counter would
      workers.Wait();
    });
    for (int i = 0; i < 3; ++i) worked.Recv();
    stray::AwaitParked(stray::WaitReason::kSyncWaitGroupWait, &workers);
  });
}
