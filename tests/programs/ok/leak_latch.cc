// SPDX-License-Identifier: Apache-2.0
// leak_latch.cc: the latch is counted down by both.
//
// modes: gcc-O0 gcc-O2 clang-libc++
#include <latch>
#include <thread>

#include "tests/support/order.h"

static std::latch both_done(2);
static Sleeper waiter_asleep;

static void Wait() {
  AboutToSleep(&waiter_asleep);
  both_done.wait();
}

int main() {
  std::thread waiter(Wait);
  AwaitAsleep(&waiter_asleep);
  both_done.count_down();
  both_done.count_down();
  waiter.join();
}
