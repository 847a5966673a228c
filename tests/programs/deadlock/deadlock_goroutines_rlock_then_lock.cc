// SPDX-License-Identifier: Apache-2.0
// deadlock_goroutines_rlock_then_lock.cc: a reader wants to write: the writer waits for the reader, its own
// self.
//
//   worker
//   RLock
//   Lock       waits for all readers to leave
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/go.h>
#include <stray/mutex.h>

#include "tests/support/parked.h"

static stray::RWMutex table;

int main() {
  return stray::Main([] {
    stray::Go("worker", [] {
      table.RLock();
      // want deadlock.self x1: "worker" .*\[sync.RWMutex.Lock\]
      table.Lock();
    });
    stray::AwaitParked(stray::WaitReason::kSyncRWMutexLock, &table);
  });
}
