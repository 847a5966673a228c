// SPDX-License-Identifier: Apache-2.0
// deadlock_equal_pairs.cc: the same deadlock twice, on different mutexes, is one finding that happened twice.
//
//   pair i: first         pair i: second
//   lock a                lock b
//   lock b                lock a
//
// hangs: yes
// twin: deadlock_abba.cc
#include <array>
#include <mutex>
#include <thread>

#include "tests/support/order.h"

struct Pair {
  std::mutex a, b;
  Meeting both_hold_one{};
};
static std::array<Pair, 2> pairs;

static void First(Pair* pair) {
  std::lock_guard<std::mutex> hold_a(pair->a);
  Meet(&pair->both_hold_one, 2);
  std::lock_guard<std::mutex> hold_b(pair->b);  // want deadlock.cycle x2: .
}

static void Second(Pair* pair) {
  std::lock_guard<std::mutex> hold_b(pair->b);
  Meet(&pair->both_hold_one, 2);
  std::lock_guard<std::mutex> hold_a(pair->a);  // want deadlock.cycle x2: .
}

int main() {
  std::array<std::thread, 4> threads;
  for (size_t i = 0; i < pairs.size(); ++i) {
    threads[2 * i] = std::thread(First, &pairs[i]);
    threads[2 * i + 1] = std::thread(Second, &pairs[i]);
  }
  for (std::thread& thread : threads) thread.join();  // want deadlock.all: \[pthread_join\]
}
