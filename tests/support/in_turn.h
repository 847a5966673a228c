// SPDX-License-Identifier: Apache-2.0
// in_turn.h: for programs about the memory model: goroutines whose steps follow each other in time, which TSan
// does not see, and so orders nothing.
#ifndef STRAY_TESTS_SUPPORT_IN_TURN_H_
#define STRAY_TESTS_SUPPORT_IN_TURN_H_

#include <stray/go.h>
#include <stray/wait_group.h>

#include "tests/support/order.h"

// Goroutine "first" calls `first`; after that goroutine "second" calls `second`. Neither ends before both have
// returned: who has ended may be forgotten by TSan. Each has a processor of its own.
template <typename First, typename Second>
void InTurn(First first, Second second) {
  stray::SetMaxProcs(3);
  Gate first_done = {}, second_done = {};
  stray::WaitGroup both;
  both.Go("first", [&] {
    first();
    GateOpen(&first_done);
    GateAwait(&second_done);
  });
  both.Go("second", [&] {
    GateAwait(&first_done);
    second();
    GateOpen(&second_done);
  });
  both.Wait();
}

#endif  // STRAY_TESTS_SUPPORT_IN_TURN_H_
