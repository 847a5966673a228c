// SPDX-License-Identifier: Apache-2.0
// leak_timed_wait.cc: the housekeeper is told to stop, and joined.
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/support/order.h"

static std::mutex mutex;
static std::condition_variable stop_changed;
static bool stop = false;
static Sleeper housekeeper_asleep;

static void KeepHouse() {
  std::unique_lock<std::mutex> lock(mutex);
  while (!stop) {
    AboutToSleep(&housekeeper_asleep);
    stop_changed.wait_for(lock, std::chrono::hours(1));
  }
}

int main() {
  std::thread housekeeper(KeepHouse);
  AwaitAsleep(&housekeeper_asleep);
  {
    std::lock_guard<std::mutex> lock(mutex);
    stop = true;
  }
  stop_changed.notify_all();
  housekeeper.join();
}
