// SPDX-License-Identifier: Apache-2.0
// deadlock_goroutine_self_lock.cc: the inner function expects the lock to be held.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>

static stray::Mutex mutex;
static int size = 0;

static void GrowLocked() { ++size; }

static void Push() {
  std::lock_guard guard(mutex);
  GrowLocked();
}

int main() {
  return stray::Main([] {
    stray::WaitGroup worker;
    worker.Go("worker", [] { Push(); });
    worker.Wait();
  });
}
