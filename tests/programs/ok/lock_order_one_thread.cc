// SPDX-License-Identifier: Apache-2.0
// lock_order_one_thread.cc: one thread may take its locks in any order; it cannot meet itself.
#include <mutex>

#include "tests/support/puppet.h"

static std::mutex a, b;

int main() {
  Puppet only("only");
  only.Do([] {
    std::lock_guard<std::mutex> hold_a(a);
    std::lock_guard<std::mutex> hold_b(b);
  });
  only.Do([] {
    std::lock_guard<std::mutex> hold_b(b);
    std::lock_guard<std::mutex> hold_a(a);
  });
}
