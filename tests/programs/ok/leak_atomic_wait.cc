// SPDX-License-Identifier: Apache-2.0
// leak_atomic_wait.cc: the atomic changes, and the waiter is notified; also for types that share a waiter pool.
//
// modes: gcc-O0 gcc-O2 clang-libc++
#include <atomic>
#include <thread>

#include "tests/support/order.h"

static std::atomic<int> state{0};
static std::atomic<char> letter{'a'};
static Sleeper asleep[2];

static void WaitForState() {
  AboutToSleep(&asleep[0]);
  state.wait(0);
}

static void WaitForLetter() {
  AboutToSleep(&asleep[1]);
  letter.wait('a');
}

int main() {
  std::thread first(WaitForState), second(WaitForLetter);
  for (Sleeper& sleeper : asleep) AwaitAsleep(&sleeper);
  state = 1;
  state.notify_all();
  letter = 'b';
  letter.notify_one();
  first.join();
  second.join();
}
