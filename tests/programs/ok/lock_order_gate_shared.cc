// SPDX-License-Identifier: Apache-2.0
// lock_order_gate_shared.cc: a gate held for writing by one and for reading by the other keeps them apart.
//
//   first                   second
//   lock gate; a, b         lock_shared gate; b, a
#include <mutex>
#include <shared_mutex>

#include "tests/support/puppet.h"

static std::shared_mutex gate;
static std::mutex a, b;

int main() {
  Puppet first("first"), second("second");
  first.Do([] {
    std::lock_guard<std::shared_mutex> hold_gate(gate);
    std::lock_guard<std::mutex> hold_a(a);
    std::lock_guard<std::mutex> hold_b(b);
  });
  second.Do([] {
    std::shared_lock<std::shared_mutex> hold_gate(gate);
    std::lock_guard<std::mutex> hold_b(b);
    std::lock_guard<std::mutex> hold_a(a);
  });
}
