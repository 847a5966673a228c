// SPDX-License-Identifier: Apache-2.0
// race_order_end.cc: a goroutine writes and ends, and nobody waits for it: that it has ended orders nothing,
// nor does counting those that have not.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_wait_group.cc
#include <stray/go.h>

int shared;

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    stray::Go("first", [] { shared = 1; });
    while (stray::NumGoroutines() > 1) stray::Yield();
    // want race.data x1: by .*main.* at .* and written by G\d+ "first" at
    shared = 2;
  });
}
