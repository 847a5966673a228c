// SPDX-License-Identifier: Apache-2.0
// leak_latch.cc: a latch of two is counted down once.
//
//   main                  waiter
//   latch(2)              .
//   .                     wait           blocked: one count is missing
//   count_down            .
//   return                .
//
// modes: gcc-O0 gcc-O2 clang-libc++
#include <latch>
#include <thread>

#include "tests/support/order.h"

static std::latch both_done(2);
static Sleeper waiter_asleep;
static volatile bool passed = false;

static void Wait() {
  AboutToSleep(&waiter_asleep);
  both_done.wait();  // want leak.blocked: \[std::latch::wait\]
  passed = true;     // so that the wait is not the last call, which would leave no frame of ours
}

int main() {
  std::thread(Wait).detach();
  AwaitAsleep(&waiter_asleep);
  both_done.count_down();
  AwaitAsleep(&waiter_asleep);
}
