// SPDX-License-Identifier: Apache-2.0
// misuse_unlock_unlocked.cc: a mutex of the runtime is unlocked twice.
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
    mutex.Unlock();
    mutex.Unlock();  // want sync.misuse: was unlocked that nobody held .*Unlock on mutex
  });
}
