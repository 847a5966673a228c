// SPDX-License-Identifier: Apache-2.0
// race_check_then_act.cc: two goroutines each look whether something is done yet, and do it if not.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include "tests/support/in_turn.h"

bool is_open;
int opened;

static void OpenOnce() {
  // want race.data x1: read by G\d+ "second" at .* and written by G\d+ "first" at
  if (is_open) return;
  is_open = true;
  ++opened;
}

int main() {
  return stray::Main([] { InTurn(&OpenOnce, &OpenOnce); });
}
