// SPDX-License-Identifier: Apache-2.0
// race_then_killed.cc: no race, and the program is killed before it can say anything else.
//
// link: race
// modes: static-tsan shared-tsan
// exit: 137
#include <signal.h>

#include <atomic>
#include <thread>

#include "tests/support/order.h"

std::atomic<int> counter;
static Gate counted, never;

int main() {
  std::thread([] {
    ++counter;
    GateOpen(&counted);
    GateAwait(&never);  // who has ended may be forgotten
  }).detach();
  GateAwait(&counted);
  ++counter;
  raise(SIGKILL);
}
