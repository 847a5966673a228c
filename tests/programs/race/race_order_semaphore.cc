// SPDX-License-Identifier: Apache-2.0
// race_order_semaphore.cc: a semaphore with room for two: who acquires it comes after those who have released
// it, not after the other one who has it.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_semaphore.cc
#include <stray/semaphore.h>

#include "tests/support/in_turn.h"

int shared;
static stray::Semaphore semaphore(2);

int main() {
  return stray::Main([] {
    InTurn(
        [] {
          semaphore.Acquire();
          shared = 1;
        },
        [] {
          semaphore.Acquire();
          // want race.data x1: by G\d+ "second" at .* and written by G\d+ "first" at
          shared = 2;
        });
    semaphore.Release(2);
  });
}
