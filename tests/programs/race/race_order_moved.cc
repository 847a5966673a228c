// SPDX-License-Identifier: Apache-2.0
// race_order_moved.cc: a goroutine goes on in another thread: neither who runs in that thread nor who runs in
// the one that it has left comes after it.
//
//   thread A                       thread B
//   "mover" writes `left`, calls   .
//   .                              "holder" lets the call return, and has the processor meanwhile
//   asleep                         "mover" goes on, writes `came`
//   .                              "comes" writes `came`, calls
//   "stays" writes `left`
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_go.cc
#include <stray/go.h>
#include <stray/wait_group.h>

#include "tests/support/order.h"

long left, came;
static Sleeper thread_a;
static int thread_b, is_over;  // where TSan does not see it
static Gate may_return, has_stayed;

ORDER_UNSEEN int ThisThread() { return (int)OrderSystemCall(SYS_gettid, 0, 0, 0, 0); }
ORDER_UNSEEN void Set(int* to, int value) { __atomic_store_n(to, value, __ATOMIC_RELEASE); }
ORDER_UNSEEN int Get(const int* from) { return __atomic_load_n(from, __ATOMIC_ACQUIRE); }

int main() {
  stray::SetMaxProcs(1);
  return stray::Main([] {
    stray::WaitGroup all;
    all.Go("mover", [] {
      left = 1;
      AboutToSleep(&thread_a);
      stray::BlockingCall([] { GateAwait(&may_return); });
      came = 1;
      Set(&thread_b, ThisThread());
      while (!Get(&is_over)) stray::Yield();
    });
    all.Go("holder", [] {
      while (!Get(&thread_a.tid)) stray::Yield();
      GateOpen(&may_return);
      AwaitAsleep(&thread_a);
    });
    all.Go("comes", [] {
      while (!Get(&thread_b)) stray::Yield();
      if (Get(&thread_b) == Get(&thread_a.tid) || Get(&thread_b) != ThisThread()) return;
      // want race.data x1: written by G\d+ "comes" at .* and written by G\d+ "mover" at
      came = 2;
      stray::BlockingCall([] { GateAwait(&has_stayed); });
      Set(&is_over, 1);
    });
    all.Go("stays", [] {
      while (!Get(&thread_b) || ThisThread() != Get(&thread_a.tid)) stray::Yield();
      // want race.data x1: written by G\d+ "stays" at .* and written by G\d+ "mover" at
      left = 2;
      GateOpen(&has_stayed);
    });
    all.Wait();
  });
}
