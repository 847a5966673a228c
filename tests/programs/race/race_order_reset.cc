// SPDX-License-Identifier: Apache-2.0
// race_order_reset.cc: a timer is set by one and set anew by another: what it sends comes after the second
// only, and setting it comes after nobody.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_timers.cc
#include <stray/time.h>

#include "tests/support/in_turn.h"

long set, sent;

int main() {
  return stray::Main([] {
    using std::chrono_literals::operator""ms;
    const auto timer = stray::NewTimer(std::chrono::hours(1));
    InTurn(
        [&] {
          set = 1;
          timer.Reset(std::chrono::hours(1));
          sent = 1;
          timer.Reset(std::chrono::hours(1));
        },
        [&] {
          timer.Reset(1ms);
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          set = 2;
          timer.C().Recv();
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          sent = 2;
        });
  });
}
