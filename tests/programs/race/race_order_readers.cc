// SPDX-License-Identifier: Apache-2.0
// race_order_readers.cc: one reader after the other: neither has the lock for itself, and nothing orders the
// two.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_rw_mutex.cc
#include <stray/mutex.h>

#include <shared_mutex>

#include "tests/support/in_turn.h"

int shared;
static stray::RWMutex mutex;

static void Count() {
  std::shared_lock reader(mutex);
  // want race.data x1: by G\d+ "second" at .* and (read|written) by G\d+ "first" at
  ++shared;
}

int main() {
  return stray::Main([] { InTurn(&Count, &Count); });
}
