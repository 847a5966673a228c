// SPDX-License-Identifier: Apache-2.0
// deadlock_all_conditions.cc: a lost wake-up: the notification came before the wait, which looks at no flag.
//
//   main                  consumer
//   notify                .
//   .                     wait           nobody is left to notify
//   join                  .
//
// hangs: yes
// modes: gcc-O0 gcc-O2 clang-libc++ static-tsan shared-tsan
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/support/order.h"

static std::mutex mutex;
static auto& arrived = *new std::condition_variable;
static Gate notified;

static void Consume() {
  GateAwait(&notified);
  std::unique_lock<std::mutex> lock(mutex);
  for (;;) arrived.wait(lock);  // want deadlock.all: \[pthread_cond_wait\]
}

int main() {
  std::thread consumer(Consume);
  arrived.notify_one();
  GateOpen(&notified);
  consumer.join();  // want deadlock.all: \[pthread_join\]
}
