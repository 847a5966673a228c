// SPDX-License-Identifier: Apache-2.0
// race_publication.cc: a goroutine fills in a configuration and publishes it by a plain pointer: who sees the
// pointer need not see what it points to.
//
// link: runtime-race
// trace: no (to it, the second one is no race but because of the first)
// modes: static-tsan shared-tsan
#include "tests/support/in_turn.h"

struct Config {
  int limit = 0;
};
static Config* config;

int main() {
  return stray::Main([] {
    InTurn(
        [] {
          auto* made = new Config;
          made->limit = 7;
          config = made;
        },
        [] {
          // want race.data x1: read by G\d+ "second" at .* and written by G\d+ "first" at
          const Config* seen = config;
          // want race.data x1: read by G\d+ "second" at .* and written by G\d+ "first" at
          if (seen->limit != 7) stray::Panic("another limit");
        });
    delete config;
  });
}
