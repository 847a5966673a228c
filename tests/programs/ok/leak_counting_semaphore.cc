// SPDX-License-Identifier: Apache-2.0
// leak_counting_semaphore.cc: the semaphore is released for both workers.
#include <semaphore>
#include <thread>

#include "tests/support/order.h"

static std::counting_semaphore<8> tokens(0);
static Sleeper asleep[2];

static void Work(Sleeper* sleeper) {
  AboutToSleep(sleeper);
  tokens.acquire();
}

int main() {
  std::jthread first(Work, &asleep[0]), second(Work, &asleep[1]);
  for (Sleeper& sleeper : asleep) AwaitAsleep(&sleeper);
  tokens.release(2);
}
