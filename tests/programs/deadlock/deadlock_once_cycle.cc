// SPDX-License-Identifier: Apache-2.0
// deadlock_once_cycle.cc: two std::call_once whose initializers need each other, entered from both sides.
//
//   main                  first              second
//   .                     call_once(x)       call_once(y)
//   join first            call_once(y)       call_once(x)     each waits for the other's initializer
//
// hangs: yes
#include <mutex>
#include <thread>

#include "tests/support/order.h"

static std::once_flag x, y;
static Meeting both_inside;

static void Nothing() {}

static void InitX() {
  Meet(&both_inside, 2);
  std::call_once(y, Nothing);  // want deadlock.cycle x1: \[pthread_once\]
}

static void InitY() {
  Meet(&both_inside, 2);
  std::call_once(x, Nothing);  // want deadlock.cycle x1: \[pthread_once\]
}

int main() {
  std::thread first([] { std::call_once(x, InitX); });
  std::thread second([] { std::call_once(y, InitY); });
  first.join();  // want deadlock.all: \[pthread_join\]
  second.join();
}
