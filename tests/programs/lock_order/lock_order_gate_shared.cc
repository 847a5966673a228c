// SPDX-License-Identifier: Apache-2.0
// lock_order_gate_shared.cc: a gate that both hold for reading lets both in: it is no gate.
//
//   first                       second
//   lock_shared gate; a, b      lock_shared gate; b, a
#include <mutex>
#include <shared_mutex>

#include "tests/support/puppet.h"

static std::shared_mutex gate;
static std::mutex a, b;

int main() {
  Puppet first("first"), second("second");
  first.Do([] {
    std::shared_lock<std::shared_mutex> hold_gate(gate);
    std::lock_guard<std::mutex> hold_a(a);
    std::lock_guard<std::mutex> hold_b(b);  // want lock-order.cycle x1: .
  });
  second.Do([] {
    std::shared_lock<std::shared_mutex> hold_gate(gate);
    std::lock_guard<std::mutex> hold_b(b);
    std::lock_guard<std::mutex> hold_a(a);  // want lock-order.cycle x1: .
  });
}
