// SPDX-License-Identifier: Apache-2.0
// lock_order_70_locks.cc: two threads hold seventy locks at once, in one order, and give them back in another.
#include <array>
#include <mutex>

#include "tests/support/puppet.h"

static std::array<std::mutex, 70> locks;

static void TakeAll() {
  for (std::mutex& mutex : locks) mutex.lock();
  for (size_t i = 0; i < locks.size(); i += 2) locks[i].unlock();
  for (size_t i = 1; i < locks.size(); i += 2) locks[i].unlock();
}

int main() {
  Puppet first("first"), second("second");
  for (int i = 0; i < 3; ++i) {
    first.Do(TakeAll);
    second.Do(TakeAll);
  }
}
