// SPDX-License-Identifier: Apache-2.0
// deadlock_goroutine_self_lock.cc: a function locks and calls another that locks the same mutex.
//
//   worker
//   Push        Lock
//     Grow      Lock     itself has it
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/go.h>
#include <stray/mutex.h>

#include <mutex>

#include "tests/support/parked.h"

static stray::Mutex mutex;

static void Grow() {
  mutex.Lock();  // want deadlock.self x1: "worker" waits for mutex mutex, which it has locked itself before, at
                 // [^.]*deadlock_goroutine_self_lock.cc:
  mutex.Unlock();
}

static void Push() {
  std::lock_guard guard(mutex);
  Grow();
}

int main() {
  return stray::Main([] {
    stray::Go("worker", [] { Push(); });
    stray::AwaitParked(stray::WaitReason::kSyncMutexLock, &mutex);
  });
}
