// SPDX-License-Identifier: Apache-2.0
// leak_timed_wait.cc: a thread wakes up now and then to look for work, and nobody tells it to end.
//
//   main                  housekeeper
//   .                     wait_for(1 h)  ends by itself, but starts over
//   return                .
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/support/order.h"

static std::mutex mutex;
static auto& stop_changed = *new std::condition_variable;  // a static one would be destroyed at exit
static bool stop = false;
static Sleeper housekeeper_asleep;

static void KeepHouse() {
  std::unique_lock<std::mutex> lock(mutex);
  while (!stop) {
    AboutToSleep(&housekeeper_asleep);
    stop_changed.wait_for(lock, std::chrono::hours(1));  // want leak.alive: \[pthread_cond_
  }
}

int main() {
  std::thread(KeepHouse).detach();
  AwaitAsleep(&housekeeper_asleep);
}
