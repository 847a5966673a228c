// SPDX-License-Identifier: Apache-2.0
// race_order_cancel.cc: a context is cancelled once: who cancels it again tells nobody anything. Nor does one
// who asks for Done without receiving, or for a value.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_context.cc
#include <stray/context.h>

#include "tests/support/in_turn.h"

long cancelled_again, asked, value;

int main() {
  return stray::Main([] {
    const stray::Context above = stray::WithValue(stray::Background(), "key", 1);
    const auto [context, cancel] = stray::WithCancel(above);
    cancel();
    InTurn(
        [&] {
          value = 1;
          (void)context.Value<int>("key");
          cancelled_again = 1;
          cancel();
          asked = 1;
          context.Done();
        },
        [&] {
          (void)context.Value<int>("key");
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          value = 2;
          (void)context.Err();
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          cancelled_again = 2;
          context.Done().Recv();
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          asked = 2;
        });
  });
}
