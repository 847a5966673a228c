// SPDX-License-Identifier: Apache-2.0
// leak_range_never_closed.cc: the one that hands out the jobs closes the channel behind the last one.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/wait_group.h>

int main() {
  return stray::Main([] {
    auto jobs = stray::MakeChan<int>();
    stray::WaitGroup workers;
    for (int i = 0; i < 4; ++i) {
      workers.Go("worker", [jobs] {
        [[maybe_unused]] int sum = 0;
        for (int job : jobs) sum += job;
      });
    }
    for (int job = 0; job < 8; ++job) jobs.Send(job);
    jobs.Close();
    workers.Wait();
  });
}
