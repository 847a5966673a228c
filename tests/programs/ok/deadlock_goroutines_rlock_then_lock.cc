// SPDX-License-Identifier: Apache-2.0
// deadlock_goroutines_rlock_then_lock.cc: the reader leaves first, and looks again once it may write.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>
#include <shared_mutex>

static stray::RWMutex table;
static int entries = 0;

static bool IsEmpty() {
  std::shared_lock guard(table);
  return entries == 0;
}

int main() {
  return stray::Main([] {
    stray::WaitGroup worker;
    worker.Go("worker", [] {
      if (!IsEmpty()) return;
      std::lock_guard guard(table);
      if (entries == 0) entries = 1;
    });
    worker.Wait();
  });
}
