// SPDX-License-Identifier: Apache-2.0
// race_order_two_slots.cc: two send to a channel that has room for both, and the receiver takes the second
// value after the first: each send comes before its own receive, but not before the other send, nor does a
// receive come before a send that did not need its slot.
//
//   first            second            main
//   write a; Send    .                 .
//   .                Send; write a     .          not ordered by the two sends
//   .                .                 write b; Recv
//   .                Send; write b     .          slot 2 was free already
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_buffered.cc
#include <stray/channel.h>

#include "tests/support/in_turn.h"

long a, b;
static Gate sent_twice, received;

int main() {
  return stray::Main([] {
    const auto channel = stray::MakeChan<int>(3);
    stray::SetMaxProcs(4);
    stray::WaitGroup receiver;
    receiver.Go("receiver", [=] {
      GateAwait(&sent_twice);
      b = 1;
      channel.Recv();
      GateOpen(&received);
    });
    InTurn(
        [=] {
          a = 1;
          channel.Send(1);
        },
        [=] {
          channel.Send(2);
          // want race.data x1: by G\d+ "second" at .* and written by G\d+ "first" at
          a = 2;
          GateOpen(&sent_twice);
          GateAwait(&received);
          channel.Send(3);
          // want race.data x1: by G\d+ "second" at .* and written by G\d+ "receiver" at
          b = 2;
        });
    receiver.Wait();
  });
}
