// SPDX-License-Identifier: Apache-2.0
// trace_deadlock_goroutines.cc: two goroutines lock two mutexes in opposite orders, one after the other. What
// is between them, a read-write mutex, would be free in another order.
//
// link: runtime-trace
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include "tests/support/order.h"

static stray::Mutex a;
static stray::RWMutex b;
static Gate done;

int main() {
  return stray::Main([] {
    stray::WaitGroup all;
    all.Go([] {
      a.Lock();
      b.RLock();  // want deadlock.predicted x1: G\d+ (read-)?locked .*b at .* while it held .*a
      b.RUnlock();
      a.Unlock();
      GateOpen(&done);
    });
    all.Go([] {
      GateAwait(&done);
      b.Lock();
      a.Lock();
      a.Unlock();
      b.Unlock();
    });
    all.Wait();
  });
}
