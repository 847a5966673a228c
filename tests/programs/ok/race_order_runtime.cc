// SPDX-License-Identifier: Apache-2.0
// race_order_runtime.cc: a stray::Runtime: what a thread did comes before what it runs, which comes before the
// return of Run; and what all did that have ended, before the return of Shutdown.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/runtime.h>

long before, inside, left_alone[20];

int main() {
  before = 1;
  for (int round = 0; round < 2; ++round) {
    stray::Runtime runtime({.max_procs = 3});
    const long result = runtime.Run([] {
      inside = before + 1;
      return inside;
    });
    if (result != inside) return 1;
    for (long& one : left_alone) stray::Go([&one] { ++one; });
    if (runtime.Shutdown() != 0) return 2;
    for (long& one : left_alone) ++one;
    ++before;
    ++inside;
  }
  return left_alone[0] == 4 ? 0 : 3;
}
