// SPDX-License-Identifier: Apache-2.0
// race_order_close.cc: a close comes before each receive that finds nothing because of it: of those that wait,
// and of those that come later. The end of a range is one.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/channel.h>

#include "tests/support/in_turn.h"
#include "tests/support/parked.h"

long shared, waited_for;

int main() {
  return stray::Main([] {
    const auto channel = stray::MakeChan<int>(1), awaited = stray::MakeChan<int>();
    channel.Send(1);
    InTurn(
        [&] {
          shared = 1;
          channel.Close();
        },
        [&] {
          for ([[maybe_unused]] int value : channel) continue;
          shared = 2;
        });
    stray::WaitGroup both;
    for (int i = 0; i < 2; ++i) {
      both.Go([&] {
        awaited.Recv();
        if (waited_for != 1) stray::Panic("closed before");
      });
    }
    stray::AwaitParked(stray::WaitReason::kChanReceive, awaited.get(), 2);
    waited_for = 1;
    awaited.Close();
    both.Wait();
  });
}
