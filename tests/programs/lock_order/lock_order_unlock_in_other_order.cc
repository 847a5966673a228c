// SPDX-License-Identifier: Apache-2.0
// lock_order_unlock_in_other_order.cc: locks given back in another order than taken (hand over hand) keep the
// books right: c is taken with only b held.
//
//   first                                   second
//   lock a, lock b, unlock a, lock c        .
//   .                                       lock c, lock b
//
// twin: lock_order_abba.cc
#include <mutex>

#include "tests/support/puppet.h"

static std::mutex a, b, c;

int main() {
  Puppet first("first"), second("second");
  first.Do([] {
    a.lock();
    b.lock();
    a.unlock();
    c.lock();  // want lock-order.cycle x1: .
    b.unlock();
    c.unlock();
  });
  second.Do([] {
    std::lock_guard<std::mutex> hold_c(c);
    b.lock();  // want lock-order.cycle x1: .
    b.unlock();
  });
}
