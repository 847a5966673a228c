// SPDX-License-Identifier: Apache-2.0
// lock_order_mutex_and_rwlock.cc: a std::mutex and a std::shared_mutex in opposite orders, one of them for
// reading.
//
//   first                 second
//   lock m, lock s        .
//   .                     lock_shared s, lock m
//
// twin: lock_order_read_write.c
#include <mutex>
#include <shared_mutex>

#include "tests/support/puppet.h"

static std::mutex m;
static std::shared_mutex s;

int main() {
  Puppet first("first"), second("second");
  first.Do([] {
    std::lock_guard<std::mutex> hold_m(m);
    std::lock_guard<std::shared_mutex> hold_s(s);  // want lock-order.cycle x1: .
  });
  second.Do([] {
    std::shared_lock<std::shared_mutex> hold_s(s);
    std::lock_guard<std::mutex> hold_m(m);  // want lock-order.cycle x1: .
  });
}
