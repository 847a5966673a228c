// SPDX-License-Identifier: Apache-2.0
// race_order_receiver_waits.cc: a receiver waits at a channel with capacity. Its receive comes before the send
// that uses the slot again, not before the send that it waits for.
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
    Gate written = {};
    stray::WaitGroup both;
    both.Go("receiver", [&] {
      shared = 1;
      channel.Recv();
      GateAwait(&written);
    });
    both.Go("sender", [&] {
      stray::AwaitParked(stray::WaitReason::kChanReceive, channel.get());
      channel.Send(1);
      // want race.data x1: by G\d+ "sender" at .* and written by G\d+ "receiver" at
      shared = 2;
      GateOpen(&written);
    });
    both.Wait();
  });
}
