// SPDX-License-Identifier: Apache-2.0
// deadlock_recursive_mutexes.cc: AB-BA with std::recursive_mutex, each of them held twice.
//
// hangs: yes
// twin: deadlock_self.c
#include <mutex>
#include <thread>

#include "tests/support/order.h"

static std::recursive_mutex a, b;
static Meeting both_hold_one;

static void First() {
  std::lock_guard<std::recursive_mutex> hold_a(a), hold_a_again(a);
  Meet(&both_hold_one, 2);
  std::lock_guard<std::recursive_mutex> hold_b(b);  // want deadlock.cycle x1: .
}

static void Second() {
  std::lock_guard<std::recursive_mutex> hold_b(b), hold_b_again(b);
  Meet(&both_hold_one, 2);
  std::lock_guard<std::recursive_mutex> hold_a(a);  // want deadlock.cycle x1: .
}

int main() {
  std::thread first(First), second(Second);
  first.join();  // want deadlock.all: .
  second.join();
}
