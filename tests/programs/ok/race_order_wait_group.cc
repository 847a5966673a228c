// SPDX-License-Identifier: Apache-2.0
// race_order_wait_group.cc: each Done comes before the return of each Wait that it ends, whether that waits or
// not.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/wait_group.h>

#include "tests/support/in_turn.h"
#include "tests/support/parked.h"

long at_once, parts[3];
static stray::WaitGroup done, awaited;

int main() {
  return stray::Main([] {
    done.Add(1);
    InTurn(
        [] {
          at_once = 1;
          done.Done();
        },
        [] {
          done.Wait();
          at_once = 2;
        });
    for (int round = 0; round < 2; ++round) {
      for (long& part : parts) {
        awaited.Go([&part] {
          stray::AwaitParked(stray::WaitReason::kSyncWaitGroupWait, &awaited);
          ++part;
        });
      }
      awaited.Wait();
      for (long& part : parts) ++part;
    }
    return parts[0] + parts[1] + parts[2] == 12 ? 0 : 1;
  });
}
