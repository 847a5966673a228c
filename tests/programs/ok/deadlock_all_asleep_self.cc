// SPDX-License-Identifier: Apache-2.0
// deadlock_all_asleep_self.cc: main asks whether it can have the mutex, and does without it.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/mutex.h>

static stray::Mutex mutex;

int main() {
  return stray::Main([] {
    mutex.Lock();
    if (mutex.TryLock()) stray::Panic("it is locked");
    mutex.Unlock();
  });
}
