// SPDX-License-Identifier: Apache-2.0
// leak_async.cc: the promise is kept, and the destructor of the future joins the task.
#include <cstdio>
#include <future>

#include "tests/support/order.h"

static Sleeper task_asleep;

int main() {
  std::promise<int> input;
  std::future<int> result = std::async(std::launch::async, [&input] {
    AboutToSleep(&task_asleep);
    return input.get_future().get() + 1;
  });
  AwaitAsleep(&task_asleep);
  input.set_value(41);
  std::printf("%d\n", result.get());
}
