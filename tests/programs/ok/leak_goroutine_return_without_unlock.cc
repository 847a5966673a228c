// SPDX-License-Identifier: Apache-2.0
// leak_goroutine_return_without_unlock.cc: a guard unlocks on every path.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>

static stray::Mutex mutex;

int main() {
  return stray::Main([] {
    stray::WaitGroup all;
    all.Go("early", [] {
      std::lock_guard guard(mutex);
      if (stray::NumGoroutines() > 0) return;
    });
    all.Go("late", [] { std::lock_guard guard(mutex); });
    all.Wait();
  });
}
