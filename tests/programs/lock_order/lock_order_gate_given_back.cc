// SPDX-License-Identifier: Apache-2.0
// lock_order_gate_given_back.cc: one of the two gives the gate back before it takes the second lock.
//
//   first                          second
//   lock gate, a; unlock gate      .
//   lock b                         .
//   .                              lock gate, b, a
//
// twin: lock_order_gate.cc
#include <mutex>

#include "tests/support/puppet.h"

static std::mutex gate, a, b;

int main() {
  Puppet first("first"), second("second");
  first.Do([] {
    gate.lock();
    std::lock_guard<std::mutex> hold_a(a);
    gate.unlock();
    std::lock_guard<std::mutex> hold_b(b);  // want lock-order.cycle x1: .
  });
  second.Do([] {
    std::lock_guard<std::mutex> hold_gate(gate);
    std::lock_guard<std::mutex> hold_b(b);
    std::lock_guard<std::mutex> hold_a(a);  // want lock-order.cycle x1: .
  });
}
