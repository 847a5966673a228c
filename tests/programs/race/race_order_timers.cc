// SPDX-License-Identifier: Apache-2.0
// race_order_timers.cc: two goroutines start timers, which one thread may keep and fire, one after the other:
// who receives from a timer, or is called by it, comes after who has started that one.
//
//   first                      second
//   write a, b, c; NewTimer..  .
//   .                          NewTimer...; write a       starting comes after nothing
//   .                          receive; write b           nor does firing, but after the start
//   .                          AfterFunc writes c
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_timers.cc
#include <stray/time.h>

#include "tests/support/in_turn.h"

long a, b, c;

int main() {
  return stray::Main([] {
    using std::chrono_literals::operator""ms;
    InTurn(
        [] {
          a = 1;
          for (int i = 0; i < 100; ++i) stray::NewTimer(1ms);
          stray::Sleep(5ms);
          b = 1;
          for (int i = 0; i < 100; ++i) stray::NewTimer(1ms);
          c = 1;
          for (int i = 0; i < 100; ++i) stray::NewTimer(1ms);
          stray::Sleep(5ms);
        },
        [] {
          for (int i = 0; i < 1000; ++i) stray::NewTimer(1ms);
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          a = 2;
          stray::After(1ms).Recv();
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          b = 2;
          stray::WaitGroup called;
          called.Add(1);
          stray::AfterFunc(1ms, [&called] {
            // want race.data x1: written by G\d+ .* and written by G\d+ "first" at
            c = 2;
            called.Done();
          });
          called.Wait();
        });
  });
}
