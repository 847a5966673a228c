// SPDX-License-Identifier: Apache-2.0
// leak_std_barrier.cc: a std::barrier for three gets two visitors.
//
//   main                  left, right
//   barrier(3)            .
//   .                     arrive_and_wait    blocked: the third never comes
//   return                .
#include <barrier>
#include <thread>

#include "tests/support/order.h"

static std::barrier<> rendezvous(3);
static Sleeper asleep[2];
static volatile int passed = 0;

static void Visit(Sleeper* sleeper) {
  AboutToSleep(sleeper);
  rendezvous.arrive_and_wait();  // want leak.blocked x2: \[std::barrier::
  passed = 1;                    // so that the wait is not the last call, which would leave no frame of ours
}

int main() {
  for (Sleeper& sleeper : asleep) std::thread(Visit, &sleeper).detach();
  for (Sleeper& sleeper : asleep) AwaitAsleep(&sleeper);
}
