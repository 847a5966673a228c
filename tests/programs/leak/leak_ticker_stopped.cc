// SPDX-License-Identifier: Apache-2.0
// leak_ticker_stopped.cc: a ticker was stopped, which does not close its channel: the loop over it never ends.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/time.h>

#include <chrono>

#include "tests/support/parked.h"

int main() {
  return stray::Main([] {
    const stray::Ticker ticker = stray::NewTicker(std::chrono::milliseconds(1));
    stray::Milestone ticked;
    stray::Go("poller", [ticker, &ticked] {
      // want leak.blocked x1: goroutine "poller" .*\[chan receive\]
      for ([[maybe_unused]] stray::Time now : ticker.C()) ticked.Reach();
    });
    ticked.Await();
    ticker.Stop();
    stray::AwaitParked(stray::WaitReason::kChanReceive, ticker.C().get());
  });
}
