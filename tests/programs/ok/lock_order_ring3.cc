// SPDX-License-Identifier: Apache-2.0
// lock_order_ring3.cc: three threads, three pairs of mutexes, one order.
#include <mutex>

#include "tests/support/puppet.h"

static std::mutex locks[3];

static void Take(int outer, int inner) {
  std::lock_guard<std::mutex> hold_outer(locks[outer]);
  std::lock_guard<std::mutex> hold_inner(locks[inner]);
}

int main() {
  Puppet first("first"), second("second"), third("third");
  first.Do([] { Take(0, 1); });
  second.Do([] { Take(1, 2); });
  third.Do([] { Take(0, 2); });
}
