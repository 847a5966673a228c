// SPDX-License-Identifier: Apache-2.0
// race_order_length.cc: that a channel holds a value can be read, and orders nothing.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_buffered.cc
#include <stray/channel.h>

#include "tests/support/in_turn.h"

int shared;

int main() {
  return stray::Main([] {
    const auto channel = stray::MakeChan<int>(2);
    InTurn(
        [=] {
          shared = 1;
          channel.Send(1);
        },
        [=] {
          while (channel.Len() != 1 || channel.Cap() != 2) stray::Yield();
          // want race.data x1: by G\d+ "second" at .* and written by G\d+ "first" at
          shared = 2;
        });
  });
}
