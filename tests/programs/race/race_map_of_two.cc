// SPDX-License-Identifier: Apache-2.0
// race_map_of_two.cc: two goroutines store in one map without a lock.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <unordered_map>

#include "tests/support/in_turn.h"

static std::unordered_map<int, int> map;

int main() {
  return stray::Main([] {
    map.reserve(100);
    InTurn([] { map[1] = 1; },
           [] {
             // want race.data: by G\d+ "second" at .* by G\d+ "first" at
             map[1] = 2;
           });
  });
}
