// SPDX-License-Identifier: Apache-2.0
// leak_goroutine_ancestry.cc: who is left behind was started by a goroutine that has ended since. The report
// has the whole stack of its creation, and how its creator came about, and that one's creator.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/stray.h>

#include "tests/support/parked.h"

namespace {

[[gnu::noinline]] void StartWorker(const stray::Chan<int>& jobs) {
  stray::Go("worker", [jobs] {
    jobs.Recv();  // want leak.blocked: goroutine "worker" blocked \[chan receive\]
  });
  stray::Yield();
}

[[gnu::noinline]] void StartPool(const stray::Chan<int>& jobs, stray::WaitGroup& started) {
  StartWorker(jobs);  // want leak.blocked: goroutine "worker"
  started.Done();
}

[[gnu::noinline]] void StartServer(const stray::Chan<int>& jobs, stray::WaitGroup& started) {
  // want leak.blocked: goroutine "worker"
  stray::Go("pool", [&started, jobs] { StartPool(jobs, started); });
}

}  // namespace

int main() {
  return stray::Main([] {
    auto jobs = stray::MakeChan<int>();
    stray::WaitGroup started;
    started.Add(1);
    // want leak.blocked: goroutine "worker"
    stray::Go("server", [&started, jobs] { StartServer(jobs, started); });
    started.Wait();
    stray::AwaitParked(stray::WaitReason::kChanReceive, jobs.get());
  });
}
