// SPDX-License-Identifier: Apache-2.0
// race_goroutines.cc: two goroutines write to one variable; that one thread may run both orders nothing.
//
//   G "first"     G "second"
//   write         .
//   .             write
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/go.h>
#include <stray/wait_group.h>

#include "tests/support/order.h"

int answer;
static Gate written, written_again;

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    stray::WaitGroup both;
    both.Go("first", [] {
      answer = 1;
      GateOpen(&written);
      GateAwait(&written_again);  // who has ended may be forgotten
    });
    both.Go("second", [] {
      GateAwait(&written);
      answer = 2;  // want race.data x1: by G\d+ "second" at .* and written by G\d+ "first" at
      GateOpen(&written_again);
    });
    both.Wait();
  });
}
