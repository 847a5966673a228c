// SPDX-License-Identifier: Apache-2.0
// leak_after_func_stopped.cc: a timer would have sent what a goroutine waits for, but it was stopped, and set
// anew and stopped again: nobody is left who could.
//
// link: runtime
// modes: gcc-O0 gcc-O2
// flags: --settle 50ms
// twin: leak_after_func_pending.cc
#include <stray/stray.h>

#include <chrono>

#include "tests/support/parked.h"

int main() {
  return stray::Main([] {
    auto news = stray::MakeChan<int>(), over = stray::MakeChan<int>();
    stray::Go("listener", [news] {
      news.Recv();  // want leak.blocked: goroutine "listener" blocked \[chan receive\]
    });
    auto timer = stray::AfterFunc(std::chrono::hours(1), [news] { news.Send(1); });
    timer.Stop();
    timer.Reset(std::chrono::hours(1));
    timer.Reset(std::chrono::hours(2));
    timer.Stop();
    auto called = stray::AfterFunc(std::chrono::milliseconds(1), [over] { over.Send(1); });
    over.Recv();
    stray::AwaitParked(stray::WaitReason::kChanReceive, news.get());
  });
}
