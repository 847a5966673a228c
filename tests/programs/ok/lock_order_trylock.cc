// SPDX-License-Identifier: Apache-2.0
// lock_order_trylock.cc: opposite orders, but in one of them the second lock is only tried.
//
//   first                 second
//   lock a, lock b        .
//   .                     lock b, try_lock a
#include <mutex>

#include "tests/support/puppet.h"

static std::mutex a, b;

int main() {
  Puppet first("first"), second("second");
  first.Do([] {
    std::lock_guard<std::mutex> hold_a(a);
    std::lock_guard<std::mutex> hold_b(b);
  });
  second.Do([] {
    std::lock_guard<std::mutex> hold_b(b);
    if (a.try_lock()) a.unlock();
  });
}
