// SPDX-License-Identifier: Apache-2.0
// race_order_add.cc: Wait comes after each Done, not after what was done before an Add.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_wait_group.cc
#include <stray/wait_group.h>

#include "tests/support/in_turn.h"

int shared;
static stray::WaitGroup group;

int main() {
  return stray::Main([] {
    group.Add(1);
    InTurn(
        [] {
          shared = 1;
          group.Add(1);
        },
        [] {
          group.Done();
          // Only a trace shows that nothing makes the second Add come before this.
          // maybe wait-group.predicted: "second" counts down wait group group at .* "first" adds to it
          group.Done();
          group.Wait();
          // want race.data x1: by G\d+ "second" at .* and written by G\d+ "first" at
          shared = 2;
        });
  });
}
