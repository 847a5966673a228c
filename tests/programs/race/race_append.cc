// SPDX-License-Identifier: Apache-2.0
// race_append.cc: two goroutines append to one vector.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <vector>

#include "tests/support/in_turn.h"

static std::vector<int> results;

int main() {
  return stray::Main([] {
    results.reserve(10);
    InTurn([] { results.push_back(1); },
           [] {
             // want race.data: by G\d+ "second" at .* by G\d+ "first" at
             results.push_back(2);
           });
  });
}
