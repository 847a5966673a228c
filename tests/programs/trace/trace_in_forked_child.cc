// SPDX-License-Identifier: Apache-2.0
// trace_in_forked_child.cc: a forked child has a trace of its own.
//
// link: trace
// twin: trace_ordered_in_every_way.cc
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "tests/support/order.h"

int total;
static Gate first_done;

int main() {
  ++total;
  const pid_t child = fork();
  if (child != 0) return waitpid(child, nullptr, 0) == child ? 0 : 1;
  std::thread first([] {
    ++total;
    GateOpen(&first_done);
  });
  std::thread second([] {
    GateAwait(&first_done);
    ++total;  // want race.data x1: total is (read|written) by T3 at .* and written by T2 at
  });
  first.join();
  second.join();
}
