// SPDX-License-Identifier: Apache-2.0
// deadlock_goroutines_read_twice.cc: the reader leaves before it reads again.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>
#include <shared_mutex>

static stray::RWMutex table;

int main() {
  return stray::Main([] {
    stray::WaitGroup all;
    all.Go("reader", [] {
      for (int i = 0; i < 2; ++i) {
        std::shared_lock guard(table);
        stray::Yield();
      }
    });
    all.Go("writer", [] { std::lock_guard guard(table); });
    all.Wait();
  });
}
