// SPDX-License-Identifier: Apache-2.0
// leak_three_places.cc: three waiters at two places, all of them woken and joined.
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/support/order.h"

static std::mutex mutex;
static std::condition_variable changed;
static bool over = false;
static Sleeper asleep[3];

static void Await(Sleeper* sleeper) {
  std::unique_lock<std::mutex> lock(mutex);
  AboutToSleep(sleeper);
  while (!over) changed.wait(lock);
}

int main() {
  std::jthread a(Await, &asleep[0]), b(Await, &asleep[1]), c([] { Await(&asleep[2]); });
  for (Sleeper& sleeper : asleep) AwaitAsleep(&sleeper);
  std::lock_guard<std::mutex> lock(mutex);
  over = true;
  changed.notify_all();
}
