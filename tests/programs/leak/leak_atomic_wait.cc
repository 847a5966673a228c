// SPDX-License-Identifier: Apache-2.0
// leak_atomic_wait.cc: a thread waits for an atomic to change; nobody changes it.
//
//   main                  waiter
//   .                     state.wait(0)  blocked: nobody is left to store and notify
//   return                .
//
// modes: gcc-O0 gcc-O2 clang-libc++
#include <atomic>
#include <thread>

#include "tests/support/order.h"

static std::atomic<int> state{0};
static Sleeper waiter_asleep;

static void Wait() {
  AboutToSleep(&waiter_asleep);
  state.wait(0);  // want leak.blocked: \[std::atomic::wait\]
}

int main() {
  std::thread(Wait).detach();
  AwaitAsleep(&waiter_asleep);
}
