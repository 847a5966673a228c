// SPDX-License-Identifier: Apache-2.0
// race_counter.cc: two threads count in one plain variable.
//
//   T2 "first"    T3 "second"
//   ++counter     .
//   .             ++counter     nothing orders the two
//
// link: race
// modes: static-tsan shared-tsan
#include <pthread.h>

#include <thread>

#include "tests/support/order.h"

int counter;
static Gate counted, counted_again;

int main() {
  std::thread first([] {
    pthread_setname_np(pthread_self(), "first");
    ++counter;
    GateOpen(&counted);
    GateAwait(&counted_again);  // who has ended may be forgotten
  });
  std::thread second([] {
    pthread_setname_np(pthread_self(), "second");
    GateAwait(&counted);
    ++counter;  // want race.data x1: T\d+ "second" at .* and written by T\d+ "first" at
    GateOpen(&counted_again);
  });
  first.join();
  second.join();
}
