// SPDX-License-Identifier: Apache-2.0
// misuse_rw_mutex_unlock_of_reader.cc: what was locked for reading is unlocked as if for writing.
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
    table.Unlock();  // want sync.misuse x1: was unlocked that nobody held .*Unlock on
  });
}
