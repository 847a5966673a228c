// SPDX-License-Identifier: Apache-2.0
// leak_select_rearmed_timer.cc: a goroutine waits for a channel that nobody sends on any more, or for a timer
// after which it does the same again. It is never asleep for good, and never ends.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --prove --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>
#include <stray/time.h>

#include <chrono>

#include "tests/support/parked.h"

int main() {
  return stray::Main([] {
    auto first_rounds = stray::MakeChan<stray::Unit>();
    auto dead = stray::MakeChan<int>();
    stray::Go("poller", [dead, first_rounds] {
      for (int round = 0;; ++round) {
        if (round < 2) first_rounds.Send({});
        const stray::RecvChan<stray::Time> timeout =
            stray::After(round == 0 ? std::chrono::nanoseconds(1000) : std::chrono::hours(1));
        // want leak.alive x1: goroutine "poller" .*\[select\]
        stray::Select(stray::OnRecv(dead), stray::OnRecv(timeout));
      }
    });
    first_rounds.Recv();
    first_rounds.Recv();
    stray::AwaitParked(stray::WaitReason::kRuntimeSelect, nullptr);
  });
}
