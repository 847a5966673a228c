// SPDX-License-Identifier: Apache-2.0
// race_order_signal.cc: a condition is signalled without the lock: who waits comes after the last one that had
// the lock, not after the signal.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_cond.cc
#include <stray/cond.h>
#include <stray/wait_group.h>

#include "tests/support/order.h"
#include "tests/support/parked.h"

long signalled, broadcast;
static stray::Mutex mutex;
static stray::Cond cond(mutex);
static Gate seen_first, seen;

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    stray::WaitGroup both;
    both.Go("waiter", [] {
      mutex.Lock();
      cond.Wait();
      // want race.data x1: written by G\d+ "waiter" at .* and written by G\d+ "signaller" at
      signalled = 2;
      GateOpen(&seen_first);
      cond.Wait();
      // want race.data x1: written by G\d+ "waiter" at .* and written by G\d+ "signaller" at
      broadcast = 2;
      mutex.Unlock();
      GateOpen(&seen);
    });
    both.Go("signaller", [] {
      stray::AwaitParked(stray::WaitReason::kSyncCondWait, &cond);
      signalled = 1;
      cond.Signal();
      GateAwait(&seen_first);
      stray::AwaitParked(stray::WaitReason::kSyncCondWait, &cond);
      broadcast = 1;
      cond.Broadcast();
      GateAwait(&seen);
    });
    both.Wait();
  });
}
