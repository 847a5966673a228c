// SPDX-License-Identifier: Apache-2.0
// race_order_atomic.cc: who loads comes after who has stored what is loaded. Not after the one who stored
// before, and who stores comes after nobody, nor after those who have loaded; with a machine's word and with
// anything else.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_atomic.cc
#include <stray/atomic.h>

#include <string>

#include "tests/support/in_turn.h"

long stored, loaded, word_stored, word_loaded;
static stray::Atomic<std::string> text;
static stray::Atomic<int> word;

int main() {
  return stray::Main([] {
    InTurn(
        [] {
          word_loaded = 1;
          word.Load();
          word_stored = 1;
          word.Store(1);
          loaded = 1;
          text.Load();
          stored = 1;
          text.Store("a text that is too long to be stored in place");
        },
        [] {
          word.Store(2);
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          word_loaded = 2;
          word.Load();
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          word_stored = 2;
          text.Store("another text that is too long to be stored in place");
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          loaded = 2;
          text.Load();
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          stored = 2;
        });
  });
}
