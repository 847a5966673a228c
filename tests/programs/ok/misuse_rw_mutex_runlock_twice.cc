// SPDX-License-Identifier: Apache-2.0
// misuse_rw_mutex_runlock_twice.cc: as many leave as come; which goroutine unlocks does not matter.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

static stray::RWMutex table;

int main() {
  return stray::Main([] {
    table.RLock();
    table.RLock();
    stray::WaitGroup other;
    other.Go([] { table.RUnlock(); });
    table.RUnlock();
    other.Wait();
    table.Lock();
    table.Unlock();
  });
}
