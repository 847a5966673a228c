// SPDX-License-Identifier: Apache-2.0
// race_before_fork.cc: two threads race, then a child is forked, whose sanitizer goes on counting the reports
// of its parent's.
//
// link: race
// modes: static-tsan shared-tsan
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "tests/support/order.h"

int counter;
static Gate counted, counted_again;

int main() {
  std::thread other([] {
    ++counter;
    GateOpen(&counted);
    GateAwait(&counted_again);  // who has ended may be forgotten
  });
  GateAwait(&counted);
  ++counter;  // want race.data x1: by main at .* and written by T\d+ at
  GateOpen(&counted_again);
  other.join();
  const pid_t child = fork();
  if (child == 0) exit(0);
  waitpid(child, nullptr, 0);
}
