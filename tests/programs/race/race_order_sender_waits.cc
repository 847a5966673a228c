// SPDX-License-Identifier: Apache-2.0
// race_order_sender_waits.cc: a sender waits at a channel that is full. Its send comes before the receive that
// gets its value, not before the one that makes room for it.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_buffered.cc
#include <stray/channel.h>

#include "tests/support/in_turn.h"
#include "tests/support/parked.h"

int shared;

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    const auto channel = stray::MakeChan<int>(1);
    channel.Send(1);
    Gate written = {};
    stray::WaitGroup both;
    both.Go("sender", [&] {
      shared = 1;
      channel.Send(2);
      GateAwait(&written);
    });
    both.Go("receiver", [&] {
      stray::AwaitParked(stray::WaitReason::kChanSend, channel.get());
      channel.Recv();
      // want race.data x1: by G\d+ "receiver" at .* and written by G\d+ "sender" at
      shared = 2;
      GateOpen(&written);
    });
    both.Wait();
  });
}
