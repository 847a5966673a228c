// SPDX-License-Identifier: Apache-2.0
// leak_range_never_closed.cc: a pool of workers ranges over its jobs; who hands them out forgets to close.
//
//   main            worker (4)
//   Send 8 jobs     range jobs
//   return          .              parked: no job comes, and no end
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>

#include "tests/support/parked.h"

int main() {
  return stray::Main([] {
    auto jobs = stray::MakeChan<int>();
    jobs.Named("jobs");
    for (int i = 0; i < 4; ++i) {
      stray::Go("worker", [jobs] {
        [[maybe_unused]] int sum = 0;
        // want leak.blocked x4: channel jobs\. Another (goroutine|task) would have to send .*\[chan receive\]
        for (int job : jobs) sum += job;
      });
    }
    for (int job = 0; job < 8; ++job) jobs.Send(job);
    stray::AwaitParked(stray::WaitReason::kChanReceive, jobs.get(), 4);
  });
}
