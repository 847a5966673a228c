// SPDX-License-Identifier: Apache-2.0
// race_many_count.cc: many goroutines count in one atomic variable.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/atomic.h>
#include <stray/go.h>
#include <stray/wait_group.h>

#include "tests/support/order.h"

static stray::Atomic<int> counter;
static Meeting all_run;

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(4);
    stray::WaitGroup all;
    for (int i = 0; i < 4; ++i) {
      all.Go([] {
        Meet(&all_run, 4);
        for (int j = 0; j < 100; ++j) counter.Add(1);
      });
    }
    all.Wait();
    return counter.Load() == 400 ? 0 : 1;
  });
}
