// SPDX-License-Identifier: Apache-2.0
// lock_order_two_cycles.cc: two cycles that have one lock in common are two findings.
//
//   first                   second
//   a, b                    b, a
//   a, c                    c, a
//
// twin: lock_order_abba.cc
#include <mutex>

#include "tests/support/puppet.h"

static std::mutex a, b, c;

int main() {
  Puppet first("first"), second("second");
  first.Do([] {
    std::lock_guard<std::mutex> hold_a(a);
    std::lock_guard<std::mutex> hold_b(b);  // want lock-order.cycle x1: .
  });
  first.Do([] {
    std::lock_guard<std::mutex> hold_a(a);
    std::lock_guard<std::mutex> hold_c(c);  // want lock-order.cycle x1: .
  });
  second.Do([] {
    std::lock_guard<std::mutex> hold_b(b);
    std::lock_guard<std::mutex> hold_a(a);
  });
  second.Do([] {
    std::lock_guard<std::mutex> hold_c(c);
    std::lock_guard<std::mutex> hold_a(a);
  });
}
