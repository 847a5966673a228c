// SPDX-License-Identifier: Apache-2.0
// deadlock_once_cycle.cc: initializers that need each other in one direction only, raced by eight threads.
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/support/order.h"

static std::once_flag x, y;
static Meeting all_here;
static int inits = 0;

static void InitX() { ++inits; }

static void InitY() {
  std::call_once(x, InitX);
  ++inits;
}

int main() {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([i] {
      Meet(&all_here, 8);
      if (i % 2 == 0) std::call_once(x, InitX);
      std::call_once(y, InitY);
    });
  }
  threads.clear();
  std::printf("%d\n", inits);
}
