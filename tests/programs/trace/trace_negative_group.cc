// SPDX-License-Identifier: Apache-2.0
// trace_negative_group.cc: a goroutine is counted only once it runs. In this run it was soon enough.
//
//   main        worker
//   Go          .
//   Add(1)      .
//   .           Done       in another order the counter is at zero here
//   Wait        .
//
// link: runtime-trace
#include <stray/go.h>
#include <stray/wait_group.h>

#include "tests/support/order.h"

static stray::WaitGroup all;
static Gate added;

int main() {
  return stray::Main([] {
    stray::Go("worker", [] {
      GateAwait(&added);
      // want wait-group.predicted x1: "worker" counts down wait group all at .*, and main adds to it at
      all.Done();
    });
    all.Add(1);
    GateOpen(&added);
    all.Wait();
  });
}
