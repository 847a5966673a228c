// SPDX-License-Identifier: Apache-2.0
// leak_cond_signal_before_wait.cc: the signal comes before anybody waits, and is lost; no flag remembers it.
//
//   signaller       waiter
//   Signal          .
//   return          Wait      nobody signals again
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/cond.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include "tests/support/parked.h"

static stray::Mutex mutex;
static stray::Cond ready(mutex);

int main() {
  return stray::Main([] {
    stray::WaitGroup signaller;
    signaller.Go("signaller", [] { ready.Signal(); });
    signaller.Wait();
    stray::Go("waiter", [] {
      mutex.Lock();
      // want leak.blocked x1: "waiter" waits in sync.Cond.Wait on condition ready\. .* would have to signal it
      // want leak.blocked: last one that signalled it was G\d+ "signaller" at main.*, which has ended since
      ready.Wait();
      mutex.Unlock();
    });
    stray::AwaitParked(stray::WaitReason::kSyncCondWait, &ready);
  });
}
