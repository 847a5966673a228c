// SPDX-License-Identifier: Apache-2.0
// trace_read_lock_reversed.cc: two threads read-lock two rwlocks in opposite orders: readers do not wait for
// readers.
//
// link: trace
#include <shared_mutex>
#include <thread>

#include "tests/support/order.h"

static std::shared_mutex a, b;
static Gate done;

int main() {
  std::thread first([] {
    {
      std::shared_lock<std::shared_mutex> hold_a(a);
      std::shared_lock<std::shared_mutex> hold_b(b);
    }
    GateOpen(&done);
  });
  std::thread second([] {
    GateAwait(&done);
    std::shared_lock<std::shared_mutex> hold_b(b);
    std::shared_lock<std::shared_mutex> hold_a(a);
  });
  first.join();
  second.join();
}
