// SPDX-License-Identifier: Apache-2.0
// misuse_rw_mutex_runlock_twice.cc: a reader leaves twice.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// exit: 2
#include <stray/go.h>
#include <stray/mutex.h>

static stray::RWMutex table;

int main() {
  return stray::Main([] {
    table.RLock();
    table.RUnlock();
    table.RUnlock();  // want sync.misuse x1: was unlocked that nobody held .*RUnlock on
  });
}
