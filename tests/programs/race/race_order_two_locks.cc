// SPDX-License-Identifier: Apache-2.0
// race_order_two_locks.cc: two mutexes, each held by one of the two only.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_mutex.cc
#include <stray/mutex.h>

#include <mutex>

#include "tests/support/in_turn.h"

int shared;
static stray::Mutex one, other;

int main() {
  return stray::Main([] {
    InTurn(
        [] {
          std::lock_guard guard(one);
          shared = 1;
        },
        [] {
          std::lock_guard guard(other);
          // want race.data x1: by G\d+ "second" at .* and written by G\d+ "first" at
          shared = 2;
        });
  });
}
