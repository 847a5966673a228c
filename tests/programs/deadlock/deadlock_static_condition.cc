// SPDX-License-Identifier: Apache-2.0
// deadlock_static_condition.cc: a static condition is destroyed at exit while a thread waits on it: glibc
// waits, in pthread_cond_destroy, until the waiter has left.
//
//   main                  worker
//   .                     wait
//   return                .
//   ~condition_variable   .              waits for the worker, which nobody will wake
//
// hangs: yes
// twin: leak_condition.cc
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/support/order.h"

static std::mutex mutex;
static std::condition_variable changed;
static bool ready = false;
static Sleeper worker_asleep;

static void Work() {
  std::unique_lock<std::mutex> lock(mutex);
  AboutToSleep(&worker_asleep);
  // want sync.misuse: destroyed while a thread was waiting
  while (!ready) changed.wait(lock);  // want deadlock.all: \[pthread_cond_wait\]
}

int main() {
  std::thread(Work).detach();
  AwaitAsleep(&worker_asleep);
}
