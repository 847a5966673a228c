// SPDX-License-Identifier: Apache-2.0
// race_loop_variable.cc: a goroutine captures the variable of the loop by value.
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
    for (int i = 0; i < 1; ++i) {
      all.Go("worker", [i, &sum] {
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
