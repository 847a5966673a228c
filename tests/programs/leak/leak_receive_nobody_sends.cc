// SPDX-License-Identifier: Apache-2.0
// leak_receive_nobody_sends.cc: the one that should announce the end returns early, on an error.
//
//   waiter          starter
//   Recv ready      return      no sender is left
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/wait_group.h>

#include "tests/support/parked.h"

static bool Start() { return false; }

int main() {
  return stray::Main([] {
    auto ready = stray::MakeChan<stray::Unit>();
    ready.Named("ready");
    stray::Go("waiter", [ready] {
      // want leak.blocked x1: on channel ready\. Another (goroutine|task) would have to send .*\[chan receive\]
      ready.Recv();
    });
    stray::WaitGroup starter;
    starter.Go("starter", [ready] {
      if (!Start()) return;
      ready.Send({});
    });
    starter.Wait();
    stray::AwaitParked(stray::WaitReason::kChanReceive, ready.get());
  });
}
