// SPDX-License-Identifier: Apache-2.0
// race_order_stack_reused.cc: a goroutine sends and ends; another one, on the stack that it had, sends on
// another channel. Who receives that comes after the second, not after the first.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_unbuffered.cc
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/wait_group.h>

#include "tests/support/order.h"

int shared;

static void SendOne(stray::Chan<int> channel) { channel.Send(1); }

int main() {
  stray::SetMaxProcs(1);
  return stray::Main([] {
    const auto one = stray::MakeChan<int>(), other = stray::MakeChan<int>();
    stray::Go("first", [=] {
      shared = 1;
      SendOne(one);
    });
    stray::Go("receiver", [=] { one.Recv(); });
    while (stray::NumGoroutines() > 1) stray::Yield();
    stray::Go("second", [=] { SendOne(other); });
    stray::Yield();
    other.Recv();
    // want race.data x1: by .*main.* at .* and written by G\d+ "first" at
    shared = 2;
  });
}
