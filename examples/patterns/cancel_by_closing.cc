// SPDX-License-Identifier: Apache-2.0
// cancel_by_closing.cc: closing one channel tells any number of goroutines to stop.
//
// When: workers loop until further notice, and nobody counts them.
// Without: sending a stop to each needs their number, and waits for ever for one that has ended on its own.
//
// prints: 5 workers stopped
#include <stray/stray.h>

#include <cstdio>

int main() {
  return stray::Main([] {
    auto stop = stray::MakeChan<stray::Unit>();
    auto work = stray::MakeChan<int>();
    stray::Atomic<int> stopped = 0;
    stray::WaitGroup workers;
    for (int i = 0; i < 5; ++i) {
      workers.Go("worker", [&, stop, work] {
        while (stray::Select(stray::OnRecv(work), stray::OnRecv(stop)) == 0) {
        }
        stopped.Add(1);
      });
    }
    for (int i = 0; i < 10; ++i) work.Send(i);
    stop.Close();
    workers.Wait();
    std::printf("%d workers stopped\n", stopped.Load());
  });
}
