// SPDX-License-Identifier: Apache-2.0
// leak_goroutine_select_peers.cc: of those that are left behind the report knows the channels of the select,
// and of the channel who has used the other side.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/stray.h>

#include "tests/support/parked.h"

int main() {
  return stray::Main([] {
    auto jobs = stray::MakeChan<int>();
    auto results = stray::MakeChan<int>(1);
    auto quit = stray::MakeChan<stray::Unit>();
    jobs.Named("jobs");
    results.Named("results");
    quit.Named("quit");
    stray::WaitGroup produced;
    produced.Go("producer", [=] {
      for (int i = 0; i < 3; ++i) jobs.Send(i);
    });
    stray::Go("worker", [=] {
      for (int i = 0; i < 3; ++i) {
        jobs.Recv();
        if (i == 0) results.Send(i);
      }
      // want leak.blocked: goroutine "worker" .*selects receive jobs, send results, receive quit
      stray::Select(stray::OnRecv(jobs, [](std::optional<int>) {}), stray::OnSend(results, 1, [] {}),
                    stray::OnRecv(quit, [](std::optional<stray::Unit>) {}));
    });
    produced.Wait();
    stray::Go("late", [=] {
      // want leak.blocked: goroutine "late" .*jobs used: 3 send ended at a known time
      jobs.Recv();
    });
    stray::AwaitParked(stray::WaitReason::kRuntimeSelect, nullptr);
    stray::AwaitParked(stray::WaitReason::kChanReceive, jobs.get());
  });
}
