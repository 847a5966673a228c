// SPDX-License-Identifier: Apache-2.0
// leak_future.cc: a thread waits for a future whose promise is kept and never fulfilled.
//
//   main                  consumer
//   make promise          .
//   .                     future.get     blocked: main, who had the promise, returned
//   return                .
#include <future>
#include <thread>

#include "tests/support/order.h"

static auto& answer = *new std::promise<int>;  // a static one would break its promise at exit
static Sleeper consumer_asleep;

static void Consume(std::future<int> future) {
  AboutToSleep(&consumer_asleep);
  future.get();  // want leak.blocked: \[std::future::get\]
}

int main() {
  std::thread(Consume, answer.get_future()).detach();
  AwaitAsleep(&consumer_asleep);
}
