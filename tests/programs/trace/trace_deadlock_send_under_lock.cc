// SPDX-License-Identifier: Apache-2.0
// trace_deadlock_send_under_lock.cc: a value is sent while a mutex is held that the receiver takes before it
// receives. In this run the receiver was through with the mutex before.
//
//   main          sender        receiver
//   .             .             Lock, Unlock
//   .             Lock          .
//   .             Send          Recv            in another order the receiver wants the mutex here, and waits
//   .             Unlock        .
//   Wait          .             .
//
// link: runtime-trace
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include "tests/support/order.h"

static stray::Mutex m;
static Gate unlocked;

int main() {
  return stray::Main([] {
    auto values = stray::MakeChan<int>();
    stray::WaitGroup all;
    all.Go([values] {
      GateAwait(&unlocked);
      m.Lock();
      // want deadlock.predicted x1: G\d+ sent on channel .* while it held mutex m; G\d+ locked mutex m
      values.Send(1);
      m.Unlock();
    });
    all.Go([values] {
      m.Lock();
      m.Unlock();
      GateOpen(&unlocked);
      values.Recv();
    });
    all.Wait();
    values.Close();
  });
}
