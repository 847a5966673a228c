// SPDX-License-Identifier: Apache-2.0
// leak_after_func_pending.cc: when main ends, a timer has yet to call the function that sends what a goroutine
// waits for. The goroutine outlives the program's end, but that it could never go on is not true.
//
// link: runtime
// modes: gcc-O0 gcc-O2
// flags: --settle 50ms
#include <stray/stray.h>

#include <chrono>

#include "tests/support/parked.h"

int main() {
  return stray::Main([] {
    auto news = stray::MakeChan<int>();
    stray::Go("listener", [news] {
      news.Recv();  // want leak.alive: goroutine "listener" blocked \[chan receive\]
    });
    auto timer = stray::AfterFunc(std::chrono::hours(1), [news] { news.Send(1); });
    auto stopped = stray::AfterFunc(std::chrono::hours(1), [] {});
    stopped.Stop();
    stray::AwaitParked(stray::WaitReason::kChanReceive, news.get());
  });
}
