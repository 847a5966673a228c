// SPDX-License-Identifier: Apache-2.0
// race_check_then_act.cc: two goroutines do something once.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/once.h>

#include "tests/support/in_turn.h"

static stray::Once once;
int opened;

static void OpenOnce() {
  once.Do([] { ++opened; });
}

int main() {
  return stray::Main([] { InTurn(&OpenOnce, &OpenOnce); });
}
