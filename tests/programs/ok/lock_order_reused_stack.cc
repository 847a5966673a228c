// SPDX-License-Identifier: Apache-2.0
// lock_order_reused_stack.cc: two calls of one function, each with a mutex of its own in the same place on the
// stack, taken in different orders.
//
//   first                 second
//   local, then shared    .
//   .                     shared, then another local at the same address
#include <mutex>

#include "tests/support/puppet.h"

static std::mutex shared;

__attribute__((noinline)) static void TakeLocalFirst(Puppet* puppet) {
  std::mutex local;
  puppet->Do([&local] {
    std::lock_guard<std::mutex> hold_local(local);
    std::lock_guard<std::mutex> hold_shared(shared);
  });
}

__attribute__((noinline)) static void TakeLocalLast(Puppet* puppet) {
  std::mutex local;
  puppet->Do([&local] {
    std::lock_guard<std::mutex> hold_shared(shared);
    std::lock_guard<std::mutex> hold_local(local);
  });
}

int main() {
  Puppet first("first"), second("second");
  TakeLocalFirst(&first);
  TakeLocalLast(&second);
}
