// SPDX-License-Identifier: Apache-2.0
// race_map_of_two.cc: two goroutines store in one map, with a lock.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/mutex.h>

#include <mutex>
#include <unordered_map>

#include "tests/support/in_turn.h"

static std::unordered_map<int, int> map;
static stray::Mutex map_mutex;

int main() {
  return stray::Main([] {
    map.reserve(100);
    InTurn(
        [] {
          std::lock_guard guard(map_mutex);
          map[1] = 1;
        },
        [] {
          std::lock_guard guard(map_mutex);
          map[1] = 2;
        });
  });
}
