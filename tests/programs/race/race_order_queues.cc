// SPDX-License-Identifier: Apache-2.0
// race_order_queues.cc: two goroutines start others, by the same names, and use the scheduler's queues and its
// pools of tasks, stacks and names by turns.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_go.cc
#include <stray/channel.h>

#include <string>

#include "tests/support/in_turn.h"

int shared;

static void StartSome() {
  for (int i = 0; i < 50; ++i) stray::Go("worker " + std::to_string(i), [] { stray::Yield(); });
  stray::MakeChan<int>().Named("a channel");
}

int main() {
  return stray::Main([] {
    InTurn(
        [] {
          StartSome();
          shared = 1;
          StartSome();
        },
        [] {
          StartSome();
          // want race.data x1: by G\d+ "second" at .* and written by G\d+ "first" at
          shared = 2;
        });
    while (stray::NumGoroutines() > 1) stray::Yield();
  });
}
