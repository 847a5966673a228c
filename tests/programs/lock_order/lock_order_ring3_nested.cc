// SPDX-License-Identifier: Apache-2.0
// lock_order_ring3_nested.cc: a cycle of three in which one thread holds two locks at the third, and all orders
// come from different functions.
//
// twin: lock_order_ring3.cc
//   first                 second                third
//   lock a, b             lock b, c             lock c, d, a
#include <mutex>

#include "tests/support/puppet.h"

static std::mutex a, b, c, d;

int main() {
  Puppet first("first"), second("second"), third("third");
  first.Do([] {
    std::lock_guard<std::mutex> hold_a(a);
    std::lock_guard<std::mutex> hold_b(b);  // want lock-order.cycle x1: .
  });
  second.Do([] {
    std::lock_guard<std::mutex> hold_b(b);
    std::lock_guard<std::mutex> hold_c(c);  // want lock-order.cycle x1: .
  });
  third.Do([] {
    std::lock_guard<std::mutex> hold_c(c);
    std::lock_guard<std::mutex> hold_d(d);
    std::lock_guard<std::mutex> hold_a(a);  // want lock-order.cycle x1: .
  });
}
