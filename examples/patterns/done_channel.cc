// SPDX-License-Identifier: Apache-2.0
// done_channel.cc: the worker closes a channel when it is done; all who care wait for that.
//
// When: others need to know that something is over, and no value comes with it.
// Without: a flag that is polled costs a processor and orders nothing, and a value that is sent reaches only
// one of those who wait.
//
// prints: 2 readers saw 3 entries
#include <stray/stray.h>

#include <cstdio>
#include <vector>

int main() {
  return stray::Main([] {
    std::vector<int> cache;  // written before Close, read after Recv: no lock is needed
    auto warm = stray::MakeChan<stray::Unit>();
    stray::Go("warm up", [&cache, warm] {
      cache = {1, 2, 3};
      warm.Close();
    });

    stray::Atomic<int> readers = 0;
    stray::WaitGroup all;
    for (int i = 0; i < 2; ++i) {
      all.Go("reader", [&, warm] {
        warm.Recv();
        if (cache.size() == 3) readers.Add(1);
      });
    }
    all.Wait();
    std::printf("%d readers saw %zu entries\n", readers.Load(), cache.size());
  });
}
