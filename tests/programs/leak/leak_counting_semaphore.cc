// SPDX-License-Identifier: Apache-2.0
// leak_counting_semaphore.cc: two workers share a std::counting_semaphore that is released once.
//
//   main                  first, second
//   .                     acquire, acquire
//   release               .              one of them goes on
//   return                .              the other is blocked: nobody is left to release
#include <semaphore>
#include <thread>

#include "tests/support/order.h"

static std::counting_semaphore<8> tokens(0);
static Sleeper asleep[2];
static Gate one_is_through;

static void Work(Sleeper* sleeper) {
  AboutToSleep(sleeper);
  tokens.acquire();  // want leak.blocked x1: \[std::counting_semaphore::acquire\]
  GateOpen(&one_is_through);
}

int main() {
  for (Sleeper& sleeper : asleep) std::thread(Work, &sleeper).detach();
  for (Sleeper& sleeper : asleep) AwaitAsleep(&sleeper);
  tokens.release();
  GateAwait(&one_is_through);
}
