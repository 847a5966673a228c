// SPDX-License-Identifier: Apache-2.0
// leak_ticker_loop.cc: a loop over a ticker has no way out: it is still there when the program ends.
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
    const stray::Ticker ticker = stray::NewTicker(std::chrono::hours(1));
    stray::Go("poller", [ticker] {
      // want leak.alive x1: goroutine "poller" .*\[chan receive\]
      for ([[maybe_unused]] stray::Time now : ticker.C()) {
      }
    });
    stray::AwaitParked(stray::WaitReason::kChanReceive, ticker.C().get());
  });
}
