// SPDX-License-Identifier: Apache-2.0
// race_order_close_not_seen.cc: a channel is closed, and what was sent before is received: not the close, which
// only a receive sees that finds nothing any more.
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
    channel.Send(1);
    InTurn(
        [=] {
          shared = 1;
          channel.Close();
        },
        [=] {
          channel.Recv();
          // want race.data x1: by G\d+ "second" at .* and written by G\d+ "first" at
          shared = 2;
        });
  });
}
