// SPDX-License-Identifier: Apache-2.0
// trace_deadlock_apart.cc: two threads lock two mutexes in opposite orders, one after the other.
//
//   T2          T3
//   lock a      .
//   lock b      .
//   .           lock b
//   .           lock a
//
// link: trace
#include <mutex>
#include <thread>

#include "tests/support/order.h"

static std::mutex a, b;
static Gate done;

int main() {
  std::thread first([] {
    {
      std::lock_guard<std::mutex> hold_a(a);
      // want deadlock.predicted x1: T2 locked mutex b .* while it held mutex a
      std::lock_guard<std::mutex> hold_b(b);
    }
    GateOpen(&done);
  });
  std::thread second([] {
    GateAwait(&done);
    std::lock_guard<std::mutex> hold_b(b);
    std::lock_guard<std::mutex> hold_a(a);
  });
  first.join();
  second.join();
}
