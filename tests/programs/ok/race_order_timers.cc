// SPDX-License-Identifier: Apache-2.0
// race_order_timers.cc: the start of a timer, and its last Reset, come before what it sends or calls: Timer,
// Ticker, After, AfterFunc.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/time.h>
#include <stray/wait_group.h>

#include <string>

long reset, ticked;

int main() {
  return stray::Main([] {
    using std::chrono_literals::operator""ms;
    stray::SetMaxProcs(3);
    stray::WaitGroup all;
    for (int i = 0; i < 20; ++i) {
      all.Go([] { stray::After(1ms).Recv(); });
      all.Go([&all] {
        all.Add(1);
        const std::string text = "a text that is too long to be stored in place";
        stray::AfterFunc(1ms, [text, &all] {
          if (text.size() != 45) stray::Panic("another text");
          all.Done();
        });
      });
    }
    const stray::Timer timer = stray::NewTimer(std::chrono::hours(1));
    const stray::Ticker ticker = stray::NewTicker(std::chrono::hours(1));
    all.Go([timer] {
      timer.C().Recv();
      reset = 2;
    });
    all.Go([ticker] {
      ticker.C().Recv();
      ticked = 2;
      ticker.C().Recv();
      ticked = 3;
    });
    reset = 1;
    timer.Reset(1ms);
    ticked = 1;
    ticker.Reset(1ms);
    all.Wait();
    ticker.Stop();
    return reset == 2 && ticked == 3 ? 0 : 1;
  });
}
