// SPDX-License-Identifier: Apache-2.0
// bounded_parallelism.cc: a goroutine for each item, but never more than a few of them at once.
//
// When: there is a list of independent items, and no pool is worth keeping for them.
// Without the limit: 10000 items are 10000 open files, connections or buffers at the same moment.
//
// prints: 50 pages fetched, never more than 4 at once
#include <stray/stray.h>

#include <chrono>
#include <cstdio>

int main() {
  return stray::Main([] {
    constexpr int kMost = 4;
    stray::Atomic<int> running = 0, pages = 0;
    stray::Atomic<bool> too_many = false;

    stray::ErrGroup fetches;
    fetches.SetLimit(kMost);
    for (int i = 0; i < 50; ++i) {
      fetches.Go([&] {  // waits here while there are four
        if (running.Add(1) > kMost) too_many.Store(true);
        stray::Sleep(std::chrono::microseconds(100));  // the network
        pages.Add(1);
        running.Add(-1);
      });
    }
    if (fetches.Wait()) return 1;
    std::printf("%d pages fetched, %s\n", pages.Load(),
                too_many.Load() ? "too many" : "never more than 4 at once");
    return 0;
  });
}
