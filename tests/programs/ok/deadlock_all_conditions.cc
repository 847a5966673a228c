// SPDX-License-Identifier: Apache-2.0
// deadlock_all_conditions.cc: the wait looks at a flag, so that it does not matter who comes first.
//
// modes: gcc-O0 gcc-O2 clang-libc++
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/support/order.h"

static std::mutex mutex;
static std::condition_variable arrived_changed;
static bool arrived = false;
static Gate notified;

static void Consume() {
  GateAwait(&notified);
  std::unique_lock<std::mutex> lock(mutex);
  arrived_changed.wait(lock, [] { return arrived; });
}

int main() {
  std::thread consumer(Consume);
  {
    std::lock_guard<std::mutex> lock(mutex);
    arrived = true;
  }
  arrived_changed.notify_one();
  GateOpen(&notified);
  consumer.join();
}
