// SPDX-License-Identifier: Apache-2.0
// leak_goroutine_return_without_unlock.cc: one path returns with the mutex locked; the next one waits for ever.
//
//   early           late
//   Lock            .
//   return          Lock       the holder has ended
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include "tests/support/parked.h"

static stray::Mutex mutex;

int main() {
  return stray::Main([] {
    stray::WaitGroup early;
    early.Go("early", [] {
      mutex.Lock();
      if (stray::NumGoroutines() > 0) return;
      mutex.Unlock();
    });
    early.Wait();
    stray::Go("late", [] {
      // want leak.blocked x1: goroutine "late" blocked \[sync.Mutex.Lock\]
      // want leak.blocked x1: "early" locked it at .*leak_goroutine_return_without_unlock.cc:[0-9]+\) and ended
      // without unlocking it
      mutex.Lock();
    });
    stray::AwaitParked(stray::WaitReason::kSyncMutexLock, &mutex);
  });
}
