// SPDX-License-Identifier: Apache-2.0
// deadlock_rwlock_cross.cc: a writer of one and a reader of the other want each other's std::shared_mutex.
//
//   main                  first              second
//   .                     lock a             lock_shared b
//   join first            lock b             lock_shared a    each waits for the other
//
// hangs: yes
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "tests/support/order.h"

static std::shared_mutex a, b;
static Meeting both_hold_one;

static void First() {
  std::unique_lock<std::shared_mutex> hold_a(a);
  Meet(&both_hold_one, 2);
  b.lock();  // want deadlock.cycle x1: \[pthread_rwlock_wrlock\]
  b.unlock();
}

static void Second() {
  std::shared_lock<std::shared_mutex> hold_b(b);
  Meet(&both_hold_one, 2);
  a.lock_shared();  // want deadlock.cycle x1: \[pthread_rwlock_rdlock\]
  a.unlock_shared();
}

int main() {
  std::thread first(First), second(Second);
  first.join();  // want deadlock.all: \[pthread_join\]
  second.join();
}
