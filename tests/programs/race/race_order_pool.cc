// SPDX-License-Identifier: Apache-2.0
// race_order_pool.cc: who gets a value from a pool comes after who has put that value there, not after those
// who have put or got others, though the pool has kept them in the same place.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_pool.cc
#include <stray/go.h>
#include <stray/pool.h>
#include <stray/wait_group.h>

#include "tests/support/order.h"

long put, got;
static stray::Pool<int> pool([] { return 0; });
static int step;  // where TSan does not see it

ORDER_UNSEEN int Step(void) { return __atomic_load_n(&step, __ATOMIC_ACQUIRE); }
ORDER_UNSEEN void SetStep(int to) { __atomic_store_n(&step, to, __ATOMIC_RELEASE); }

int main() {
  stray::SetMaxProcs(1);  // a pool has a place for each processor
  return stray::Main([] {
    stray::WaitGroup both;
    both.Go("first", [] {
      put = 1;
      pool.Put(1);
      got = 1;
      pool.Get();
      SetStep(1);
      while (Step() != 2) stray::Yield();
    });
    both.Go("second", [] {
      while (Step() != 1) stray::Yield();
      pool.Put(2);
      // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
      got = 2;
      pool.Get();
      // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
      put = 2;
      SetStep(2);
    });
    both.Wait();
  });
}
