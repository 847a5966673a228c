// SPDX-License-Identifier: Apache-2.0
// leak_future.cc: one promise is fulfilled, one is broken by its destructor; both consumers go on.
#include <cstdio>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "tests/support/order.h"

static Sleeper asleep[2];

static void Consume(std::future<int> future, Sleeper* sleeper, int* result) {
  AboutToSleep(sleeper);
  try {
    *result = future.get();
  } catch (const std::future_error&) {
    *result = -1;
  }
}

int main() {
  int results[2] = {};
  std::promise<int> kept;
  auto broken = std::make_unique<std::promise<int>>();
  std::thread first(Consume, kept.get_future(), &asleep[0], &results[0]);
  std::thread second(Consume, broken->get_future(), &asleep[1], &results[1]);
  for (Sleeper& sleeper : asleep) AwaitAsleep(&sleeper);
  kept.set_value(42);
  broken.reset();
  first.join();
  second.join();
  std::printf("%d %d\n", results[0], results[1]);
}
