// SPDX-License-Identifier: Apache-2.0
// lock_order_ring3.cc: 3 threads each take two neighbouring mutexes of a ring, one thread after the other.
//
//   thread i              lock i, lock i + 1, round to the first
#include <deque>
#include <mutex>

#include "tests/support/puppet.h"

static constexpr int kLocks = 3;
static std::mutex locks[kLocks];

int main() {
  std::deque<Puppet> puppets;
  for (int i = 0; i < kLocks; ++i) puppets.emplace_back("taker");
  for (int i = 0; i < kLocks; ++i) {
    puppets[i].Do([i] {
      std::lock_guard<std::mutex> outer(locks[i]);
      std::lock_guard<std::mutex> inner(locks[(i + 1) % kLocks]);  // want lock-order.cycle x1: .
    });
  }
}
