// SPDX-License-Identifier: Apache-2.0
// leak_condition.cc: the worker is told to go on, and is joined.
//
// modes: gcc-O0 gcc-O2 clang-libc++ static-tsan shared-tsan
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/support/order.h"

static std::mutex mutex;
static std::condition_variable ready_changed;
static bool ready = false;
static Sleeper worker_asleep;

static void Work() {
  std::unique_lock<std::mutex> lock(mutex);
  AboutToSleep(&worker_asleep);
  while (!ready) ready_changed.wait(lock);
}

int main() {
  std::thread worker(Work);
  AwaitAsleep(&worker_asleep);
  {
    std::lock_guard<std::mutex> lock(mutex);
    ready = true;
  }
  ready_changed.notify_one();
  worker.join();
}
