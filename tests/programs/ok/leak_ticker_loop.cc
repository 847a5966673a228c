// SPDX-License-Identifier: Apache-2.0
// leak_ticker_loop.cc: the loop also looks at the context, and stops the ticker when it leaves.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/context.h>
#include <stray/go.h>
#include <stray/select.h>
#include <stray/time.h>
#include <stray/wait_group.h>

#include <chrono>

int main() {
  return stray::Main([] {
    auto [context, cancel] = stray::WithCancel(stray::Background());
    stray::WaitGroup poller;
    poller.Go("poller", [context = context] {
      const stray::Ticker ticker = stray::NewTicker(std::chrono::milliseconds(1));
      while (stray::Select(stray::OnRecv(ticker.C()), stray::OnRecv(context.Done())) == 0) {
      }
      ticker.Stop();
    });
    cancel();
    poller.Wait();
  });
}
