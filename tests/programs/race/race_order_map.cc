// SPDX-License-Identifier: Apache-2.0
// race_order_map.cc: who finds a value in a map comes after who has stored it. Not after the one before that,
// nor after those who have stored or deleted another key; and who stores comes after nobody.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_map.cc
#include <stray/map.h>

#include "tests/support/in_turn.h"

long other_key, deleted_key, no_key, before;
static stray::Map<int, int> map;

int main() {
  return stray::Main([] {
    map.Store(1, 1);
    for (int key = 100; key < 1000; ++key) map.Store(key, key);
    InTurn(
        [] {
          before = 1;
          map.Store(1, 2);
          other_key = 1;
          map.Store(2, 2);
          deleted_key = 1;
          for (int key = 100; key < 500; ++key) map.Delete(key);
          no_key = 1;
          for (int key = 500; key < 1000; ++key) map.Delete(key);
        },
        [] {
          map.Store(1, 3);
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          before = 2;
          for (int key = 10; key < 50; ++key) map.Store(key, key);
          for (int key = 10; key < 50; ++key) map.Load(key);
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          other_key = 2;
          for (int key = 10; key < 50; ++key) map.Delete(key);
          for (int key = 10; key < 50; ++key) map.Load(key);
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          deleted_key = 2;
          for (int key = 50; key < 90; ++key) map.Load(key);
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          no_key = 2;
        });
  });
}
