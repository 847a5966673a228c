// SPDX-License-Identifier: Apache-2.0
// lock_order_abba.cc: two threads take two mutexes in opposite orders, one after the other: no deadlock today.
//
//   first                 second
//   lock a, lock b        .
//   .                     lock b, lock a
//
// modes: gcc-O0 gcc-O2 clang-libc++ static-tsan shared-tsan
#include <mutex>

#include "tests/support/puppet.h"

static std::mutex a, b;

int main() {
  Puppet first("first"), second("second");
  first.Do([] {
    std::lock_guard<std::mutex> hold_a(a);
    std::lock_guard<std::mutex> hold_b(b);  // want lock-order.cycle x1: .
  });
  second.Do([] {
    std::lock_guard<std::mutex> hold_b(b);
    std::lock_guard<std::mutex> hold_a(a);  // want lock-order.cycle x1: .
  });
}
