// SPDX-License-Identifier: Apache-2.0
// lock_order_late_sighting.cc: twenty threads take a, b one after the other, each joined before the next; none
// of them can meet the last one, which takes b, a. But the twenty-first can.
//
//   20 early ones         late                  opposite
//   a, b (joined)         .                     .
//   .                     (created)             (created)
//   .                     a, b                  .
//   .                     .                     b, a
//
// twin: lock_order_abba_pthread.c
#include <mutex>
#include <thread>

#include "tests/support/puppet.h"

static std::mutex a, b;

__attribute__((noinline)) static void TakeBoth() {
  std::lock_guard<std::mutex> hold_a(a);
  std::lock_guard<std::mutex> hold_b(b);  // want lock-order.cycle x1: .
}

int main() {
  for (int i = 0; i < 20; ++i) std::thread(TakeBoth).join();
  Puppet late("late"), opposite("opposite");
  late.Do(TakeBoth);
  opposite.Do([] {
    std::lock_guard<std::mutex> hold_b(b);
    std::lock_guard<std::mutex> hold_a(a);  // want lock-order.cycle x1: .
  });
}
