// SPDX-License-Identifier: Apache-2.0
// leak_goroutine_ancestry.cc: the worker that a goroutine has started which ended before it gets its job.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/stray.h>

namespace {

[[gnu::noinline]] void StartWorker(const stray::Chan<int>& jobs, stray::WaitGroup& done) {
  stray::Go("worker", [&done, jobs] {
    jobs.Recv();
    done.Done();
  });
  stray::Yield();
}

}  // namespace

int main() {
  return stray::Main([] {
    auto jobs = stray::MakeChan<int>();
    stray::WaitGroup done;
    done.Add(1);
    stray::Go("server", [&done, jobs] { stray::Go("pool", [&done, jobs] { StartWorker(jobs, done); }); });
    jobs.Send(1);
    done.Wait();
  });
}
