// SPDX-License-Identifier: Apache-2.0
// race_publication.cc: a goroutine fills in a configuration and publishes it by an atomic pointer.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/atomic.h>

#include "tests/support/in_turn.h"

struct Config {
  int limit = 0;
};
static stray::Atomic<Config*> config;

int main() {
  return stray::Main([] {
    InTurn(
        [] {
          auto* made = new Config;
          made->limit = 7;
          config.Store(made);
        },
        [] {
          if (config.Load()->limit != 7) stray::Panic("another limit");
        });
    delete config.Load();
  });
}
