// SPDX-License-Identifier: Apache-2.0
// race_loop_variable.cc: a goroutine captures the variable of the loop by reference, and the loop goes on.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/go.h>
#include <stray/wait_group.h>

#include "tests/support/order.h"

static Gate was_read, gone_on;

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    stray::WaitGroup all;
    long sum = 0;
    // want race.data x1: by .*main.* at .* and read by G\d+ "worker" at
    for (int i = 0; i < 1; ++i) {
      all.Go("worker", [&i, &sum] {
        sum += i;
        GateOpen(&was_read);
        GateAwait(&gone_on);
      });
      GateAwait(&was_read);
    }
    GateOpen(&gone_on);
    all.Wait();
  });
}
