// SPDX-License-Identifier: Apache-2.0
// deadlock_abba.cc: two threads take two mutexes in opposite orders, and meet in the middle.
//
//   main                  first          second
//   .                     lock a         lock b
//   .                     lock b         lock a         each waits for the other
//   join first            .              .
//
// hangs: yes
// modes: gcc-O0 gcc-O2 clang-libc++ static-tsan shared-tsan
#include <mutex>
#include <thread>

#include "tests/support/order.h"

static std::mutex a, b;
static Meeting both_hold_one;

static void First() {
  std::lock_guard hold_a(a);
  Meet(&both_hold_one, 2);
  std::lock_guard hold_b(b);  // want deadlock.cycle x1: \[pthread_mutex_lock\].*\[pthread_mutex_lock\]
}

static void Second() {
  std::lock_guard hold_b(b);
  Meet(&both_hold_one, 2);
  std::lock_guard hold_a(a);  // want deadlock.cycle x1: \[pthread_mutex_lock\].*\[pthread_mutex_lock\]
}

int main() {
  std::thread first(First), second(Second);
  first.join();  // want deadlock.all: All 3 tasks
  second.join();
}
