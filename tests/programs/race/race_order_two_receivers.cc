// SPDX-License-Identifier: Apache-2.0
// race_order_two_receivers.cc: two find the same channel closed, one after the other.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_close.cc
#include <stray/channel.h>

#include "tests/support/in_turn.h"

int shared;

int main() {
  return stray::Main([] {
    const auto channel = stray::MakeChan<int>(1);
    channel.Close();
    InTurn(
        [=] {
          shared = 1;
          channel.Recv();
        },
        [=] {
          channel.Recv();
          // want race.data x1: by G\d+ "second" at .* and written by G\d+ "first" at
          shared = 2;
        });
  });
}
