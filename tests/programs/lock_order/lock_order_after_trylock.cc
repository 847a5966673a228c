// SPDX-License-Identifier: Apache-2.0
// lock_order_after_trylock.cc: a lock taken by a try is held like any other by those who come after.
//
//   first                 second
//   try_lock a, lock b    .
//   .                     lock b, lock a
//
// twin: lock_order_trylock.cc
#include <mutex>

#include "tests/support/puppet.h"

static std::mutex a, b;

int main() {
  Puppet first("first"), second("second");
  first.Do([] {
    if (!a.try_lock()) return;
    b.lock();  // want lock-order.cycle x1: .
    b.unlock();
    a.unlock();
  });
  second.Do([] {
    std::lock_guard<std::mutex> hold_b(b);
    std::lock_guard<std::mutex> hold_a(a);  // want lock-order.cycle x1: .
  });
}
