// SPDX-License-Identifier: Apache-2.0
// leak_async.cc: the future of a std::async is kept for ever, and its task waits for a promise never kept.
//
//   main                  task
//   async(task)           .
//   .                     input.get      blocked: nobody is left to set it
//   return                .
#include <future>

#include "tests/support/order.h"

static auto& input = *new std::promise<int>;  // a static one would break its promise at exit
static Sleeper task_asleep;

int main() {
  // Left behind on purpose: its destructor would join the task.
  auto* result = new std::future<int>(std::async(std::launch::async, [] {
    AboutToSleep(&task_asleep);
    return input.get_future().get() + 1;  // want leak.blocked: \[std::future::get\]
  }));
  AwaitAsleep(&task_asleep);
  return result == nullptr;
}
