// SPDX-License-Identifier: Apache-2.0
// leak_condition.cc: a worker waits for a condition; main returns without ever signalling it.
//
//   main                  worker
//   start worker          .
//   .                     wait for `ready`
//   return                .              blocked: nobody is left to notify
//
// modes: gcc-O0 gcc-O2 clang-libc++ static-tsan shared-tsan
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/support/order.h"

static std::mutex mutex;
static auto& ready_changed = *new std::condition_variable;  // a static one would be destroyed at exit
static bool ready = false;
static Sleeper worker_asleep;

static void Work() {
  std::unique_lock<std::mutex> lock(mutex);
  AboutToSleep(&worker_asleep);
  while (!ready) ready_changed.wait(lock);  // want leak.blocked: \[pthread_cond_wait\]
}

int main() {
  std::thread(Work).detach();
  AwaitAsleep(&worker_asleep);
}
