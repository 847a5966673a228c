// SPDX-License-Identifier: Apache-2.0
// lock_order_gate.cc: opposite orders behind a gate lock, which lets only one thread in at a time.
//
//   first                 second
//   lock gate, a, b       lock gate, b, a
#include <mutex>

#include "tests/support/puppet.h"

static std::mutex gate, a, b;

int main() {
  Puppet first("first"), second("second");
  first.Do([] {
    std::lock_guard<std::mutex> hold_gate(gate);
    std::lock_guard<std::mutex> hold_a(a);
    std::lock_guard<std::mutex> hold_b(b);
  });
  second.Do([] {
    std::lock_guard<std::mutex> hold_gate(gate);
    std::lock_guard<std::mutex> hold_b(b);
    std::lock_guard<std::mutex> hold_a(a);
  });
}
