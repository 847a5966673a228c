// SPDX-License-Identifier: Apache-2.0
// race_order_would_wait.cc: what does not take place orders nothing: a send to a full channel, a receive from
// an empty one, a select that takes its default.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_select.cc
#include <stray/channel.h>
#include <stray/select.h>

#include "tests/support/in_turn.h"

long sent, received, selected;

int main() {
  return stray::Main([] {
    const auto full = stray::MakeChan<int>(1), empty = stray::MakeChan<int>(1);
    empty.Send(1);
    InTurn(
        [=] {
          selected = 1;
          sent = 1;
          full.Send(1);
          received = 1;
          empty.Recv();
        },
        [=] {
          if (full.TrySend(2)) return;
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          sent = 2;
          if (empty.TryRecv()) return;
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          received = 2;
          stray::Select(stray::OnSend(full, 2), stray::OnRecv(empty), stray::OnDefault());
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          selected = 2;
        });
  });
}
