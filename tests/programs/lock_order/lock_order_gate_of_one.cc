// SPDX-License-Identifier: Apache-2.0
// lock_order_gate_of_one.cc: a gate lock protects only those who take it; the third thread does not.
//
//   first                 second                third
//   lock gate, a, b       lock gate, b, a       lock b, a
//
// First and second cannot meet, first and third can.
// twin: lock_order_gate.cc
#include <mutex>

#include "tests/support/puppet.h"

static std::mutex gate, a, b;

int main() {
  Puppet first("first"), second("second"), third("third");
  first.Do([] {
    std::lock_guard<std::mutex> hold_gate(gate);
    std::lock_guard<std::mutex> hold_a(a);
    std::lock_guard<std::mutex> hold_b(b);  // want lock-order.cycle x1: .
  });
  second.Do([] {
    std::lock_guard<std::mutex> hold_gate(gate);
    std::lock_guard<std::mutex> hold_b(b);
    std::lock_guard<std::mutex> hold_a(a);
  });
  third.Do([] {
    std::lock_guard<std::mutex> hold_b(b);
    std::lock_guard<std::mutex> hold_a(a);  // want lock-order.cycle x1: .
  });
}
