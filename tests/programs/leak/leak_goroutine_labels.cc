// SPDX-License-Identifier: Apache-2.0
// leak_goroutine_labels.cc: each request is served under its label, which the goroutines that it starts
// inherit. One of them is left behind; its label tells which request that was.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/stray.h>

#include <string>

#include "tests/support/parked.h"

namespace {

void Serve(int request, const stray::Chan<int>& answers) {
  stray::WithLabels({{"request", std::to_string(request)}, {"user", "ann"}}, [&] {
    stray::WithLabels({{"user", "bob"}}, [&] {
      stray::Go("fetch", [answers] {
        answers.Send(1);  // want leak.alive: goroutine "fetch" blocked \[chan send\] request=2 user=bob
      });
    });
  });
}

}  // namespace

int main() {
  return stray::Main([] {
    auto first = stray::MakeChan<int>(), second = stray::MakeChan<int>();
    Serve(1, first);
    Serve(2, second);
    first.Recv();
    stray::AwaitParked(stray::WaitReason::kChanSend, second.get());
    stray::Go("idle", [] {});
    stray::WithLabels({{"left", "behind"}}, [] {});
    auto timer = stray::AfterFunc(std::chrono::hours(1), [] {});  // may still receive: nothing is proved
    stray::Yield();
  });
}
