// SPDX-License-Identifier: Apache-2.0
// leak_ticker_stopped.cc: who stops the ticker says so on a channel of its own.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>
#include <stray/time.h>
#include <stray/wait_group.h>

#include <chrono>

#include "tests/support/parked.h"

int main() {
  return stray::Main([] {
    const stray::Ticker ticker = stray::NewTicker(std::chrono::milliseconds(1));
    const auto stopped = stray::MakeChan<stray::Unit>();
    stray::Milestone ticked;
    stray::WaitGroup poller;
    poller.Go("poller", [ticker, stopped, &ticked] {
      while (stray::Select(stray::OnRecv(ticker.C()), stray::OnRecv(stopped)) == 0) ticked.Reach();
    });
    ticked.Await();
    ticker.Stop();
    stopped.Close();
    poller.Wait();
  });
}
