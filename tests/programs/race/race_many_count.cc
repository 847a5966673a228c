// SPDX-License-Identifier: Apache-2.0
// race_many_count.cc: many goroutines count in one plain variable.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/go.h>
#include <stray/wait_group.h>

#include "tests/support/order.h"

int counter;
static Meeting all_run;

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(4);
    stray::WaitGroup all;
    for (int i = 0; i < 4; ++i) {
      all.Go([] {
        Meet(&all_run, 4);
        // want race.data: by G\d+ at .* (read|written) by G\d+ at
        for (int j = 0; j < 100; ++j) ++counter;
      });
    }
    all.Wait();
  });
}
