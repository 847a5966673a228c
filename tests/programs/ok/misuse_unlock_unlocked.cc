// SPDX-License-Identifier: Apache-2.0
// misuse_unlock_unlocked.cc: a guard unlocks it once; and another goroutine may unlock what this one has
// locked.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/mutex.h>

#include <mutex>

static stray::Mutex mutex;

int main() {
  return stray::Main([] {
    mutex.Lock();
    stray::Go([] { mutex.Unlock(); });
    std::lock_guard guard(mutex);
  });
}
