// SPDX-License-Identifier: Apache-2.0
// lock_order_recursive.cc: a recursive mutex that is entered again below another lock adds no order: whoever
// holds it already does not wait for it.
//
//   first                             second
//   lock r, lock m, lock r again      .
//   .                                 lock r, lock m, lock r again
#include <mutex>

#include "tests/support/puppet.h"

static std::recursive_mutex r;
static std::mutex m;

static void Work() {
  std::lock_guard<std::recursive_mutex> hold_r(r);
  std::lock_guard<std::mutex> hold_m(m);
  std::lock_guard<std::recursive_mutex> hold_r_again(r);
}

int main() {
  Puppet first("first"), second("second");
  first.Do(Work);
  second.Do(Work);
}
