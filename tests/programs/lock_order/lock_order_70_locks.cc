// SPDX-License-Identifier: Apache-2.0
// lock_order_70_locks.cc: with seventy locks held, the last one and the first one are still in the books.
//
//   first                        second
//   lock 0, 1, ..., 69           .
//   .                            lock 69, lock 0
#include <array>
#include <mutex>

#include "tests/support/puppet.h"

static std::array<std::mutex, 70> locks;

int main() {
  Puppet first("first"), second("second");
  first.Do([] {
    for (std::mutex& mutex : locks) mutex.lock();  // want lock-order.cycle x1: .
    for (std::mutex& mutex : locks) mutex.unlock();
  });
  second.Do([] {
    locks.back().lock();
    locks.front().lock();  // want lock-order.cycle x1: .
    locks.front().unlock();
    locks.back().unlock();
  });
}
