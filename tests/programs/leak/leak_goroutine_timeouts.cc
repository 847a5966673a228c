// SPDX-License-Identifier: Apache-2.0
// leak_goroutine_timeouts.cc: main ends while goroutines wait with a long timeout. They would have gone on by
// themselves, so nothing is proved of them.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/stray.h>

#include <chrono>

#include "tests/support/parked.h"

using namespace std::chrono_literals;

int main() {
  return stray::Main([] {
    auto timer = stray::NewTimer(1h);
    stray::Go("after", [timer] {
      timer.C().Recv();  // want leak.alive: goroutine "after" blocked \[chan receive\]
    });
    auto never = stray::MakeChan<int>();
    stray::Go("select", [never] {
      // want leak.alive: goroutine "select" blocked \[select\]
      stray::Select(stray::OnRecv(never, [](std::optional<int>) {}),
                    stray::OnRecv(stray::After(1h), [](std::optional<stray::Time>) {}));
    });
    auto [context, cancel] = stray::WithTimeout(stray::Background(), 1h);
    stray::Go("context", [context = context] {
      context.Done().Recv();  // want leak.alive: goroutine "context" blocked \[chan receive\]
    });
    stray::AwaitParked(stray::WaitReason::kChanReceive, timer.C().get());
    stray::AwaitParked(stray::WaitReason::kRuntimeSelect, nullptr);
    stray::AwaitParked(stray::WaitReason::kChanReceive, context.Done().get());
  });
}
