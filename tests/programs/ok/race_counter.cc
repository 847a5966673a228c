// SPDX-License-Identifier: Apache-2.0
// race_counter.cc: two threads count in one variable that a mutex guards.
//
// link: race
// modes: static-tsan shared-tsan
#include <mutex>
#include <thread>

#include "tests/support/order.h"

int counter;
static std::mutex counting;
static Gate counted;

static void Count() {
  std::lock_guard guard(counting);
  ++counter;
}

int main() {
  std::thread first([] {
    Count();
    GateOpen(&counted);
  });
  std::thread second([] {
    GateAwait(&counted);
    Count();
  });
  first.join();
  second.join();
}
