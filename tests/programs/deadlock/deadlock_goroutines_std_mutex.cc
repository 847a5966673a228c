// SPDX-License-Identifier: Apache-2.0
// deadlock_goroutines_std_mutex.cc: two goroutines take two pthread mutexes in opposite orders, and with
// themselves block the threads that they run on.
//
//   G "first"      G "second"
//   lock a         lock b
//   (both wait for the other to get here)
//   lock b         lock a
//
// link: runtime
// modes: gcc-O0 gcc-O2
// hangs: yes
#include <stray/go.h>

#include <mutex>

#include "tests/support/order.h"

static std::mutex a, b;
static Gate first_locked, second_locked;

int main() {
  stray::SetMaxProcs(3);
  return stray::Main([] {
    stray::Go("first", [] {
      std::lock_guard outer(a);
      GateOpen(&first_locked);
      GateAwait(&second_locked);
      std::lock_guard inner(b);  // want deadlock.cycle: \[pthread_mutex_lock\]
    });
    stray::BlockingCall([] { GateAwait(&first_locked); });
    std::lock_guard outer(b);
    GateOpen(&second_locked);
    std::lock_guard inner(a);  // want deadlock.all: main waits
  });
}
