// SPDX-License-Identifier: Apache-2.0
// trace_then_killed.cc: what a process has written to its trace is there even if it is killed on the spot.
//
// link: trace
// twin: trace_ordered_in_every_way.cc
// exit: 137
#include <signal.h>
#include <unistd.h>

#include <thread>

#include "tests/support/order.h"

int total;
static Gate first_done, second_done;

int main() {
  std::thread first([] {
    ++total;
    GateOpen(&first_done);
    GateAwait(&second_done);
    kill(getpid(), SIGKILL);
  });
  std::thread second([] {
    GateAwait(&first_done);
    ++total;  // want race.data x1: total is (read|written) by T3 at .* and written by T2 at
    GateOpen(&second_done);
  });
  first.join();
  second.join();
}
