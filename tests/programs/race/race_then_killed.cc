// SPDX-License-Identifier: Apache-2.0
// race_then_killed.cc: a race, and the program is killed before it can say anything else.
//
// link: race
// modes: static-tsan shared-tsan
// exit: 137
#include <signal.h>

#include <thread>

#include "tests/support/order.h"

int counter;
static Gate counted, never;

int main() {
  std::thread([] {
    ++counter;
    GateOpen(&counted);
    GateAwait(&never);  // who has ended may be forgotten
  }).detach();
  GateAwait(&counted);
  ++counter;  // want race.data x1: by main at .* and written by T\d+ at
  raise(SIGKILL);
}
