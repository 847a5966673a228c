// SPDX-License-Identifier: Apache-2.0
// deadlock_all_asleep_self.cc: main locks a mutex twice; it is the only goroutine, so the runtime ends the
// program.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// exit: 2
#include <stray/go.h>
#include <stray/mutex.h>

static stray::Mutex mutex;

int main() {
  return stray::Main([] {
    mutex.Lock();
    mutex.Lock();  // want deadlock.self x1: waits for mutex mutex, which it has locked itself before, at
  });
}
