// SPDX-License-Identifier: Apache-2.0
// lock_order_ring5.cc: the ring of five is there, but each thread takes a sixth mutex first: only one of them
// can be inside at a time.
#include <deque>
#include <mutex>

#include "tests/support/puppet.h"

static constexpr int kLocks = 5;
static std::mutex gate, locks[kLocks];

int main() {
  std::deque<Puppet> puppets;
  for (int i = 0; i < kLocks; ++i) puppets.emplace_back("taker");
  for (int i = 0; i < kLocks; ++i) {
    puppets[i].Do([i] {
      std::lock_guard<std::mutex> behind_gate(gate);
      std::lock_guard<std::mutex> outer(locks[i]);
      std::lock_guard<std::mutex> inner(locks[(i + 1) % kLocks]);
    });
  }
}
