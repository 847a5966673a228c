// SPDX-License-Identifier: Apache-2.0
// race_order_once.cc: two call Do when all is done: each comes after the function, neither after the other.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_once.cc
#include <stray/once.h>

#include "tests/support/in_turn.h"

int shared;
static stray::Once once;

int main() {
  return stray::Main([] {
    once.Do([] {});
    InTurn(
        [] {
          shared = 1;
          once.Do([] {});
        },
        [] {
          once.Do([] {});
          // want race.data x1: by G\d+ "second" at .* and written by G\d+ "first" at
          shared = 2;
        });
  });
}
