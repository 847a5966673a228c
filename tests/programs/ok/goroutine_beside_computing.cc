// SPDX-License-Identifier: Apache-2.0
// goroutine_beside_computing.cc: a goroutine that has made another one runnable goes on computing, and ends
// only when that one has run. On one thread it never would: another has to be started for it.
//
//   main                  computes
//   Send      ------>     Recv                 main is runnable again
//   open the gate         wait for the gate    without giving up the processor
//
// link: runtime
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/wait_group.h>

#include "tests/support/order.h"

static Gate go_on;

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(2);
    auto events = stray::MakeChan<int>();
    stray::WaitGroup all;
    all.Go("computes", [&] {
      events.Recv();
      GateAwait(&go_on);
    });
    events.Send(1);
    GateOpen(&go_on);
    all.Wait();
  });
}
