// SPDX-License-Identifier: Apache-2.0
// lock_order_reused_heap.cc: std::mutex has no destructor that anybody could see. The memory is freed and given
// out again for another mutex, which is used in the other order.
//
//   first                          second
//   x in new memory                .
//   lock shared, lock x            .
//   delete x                       .
//   .                              y in the same memory
//   .                              lock y, lock shared
#include <cstdlib>
#include <mutex>

#include "tests/support/puppet.h"

struct Account {
  std::mutex mutex;
  char rest[4000] = {};  // large enough to come from the top of the heap each time
};

static std::mutex shared;

int main() {
  Puppet first("first"), second("second");
  Account* account = new Account;
  first.Do([account] {
    std::lock_guard<std::mutex> hold_shared(shared);
    std::lock_guard<std::mutex> hold_account(account->mutex);
  });
  delete account;
  account = new Account;
  second.Do([account] {
    std::lock_guard<std::mutex> hold_account(account->mutex);
    std::lock_guard<std::mutex> hold_shared(shared);
  });
  delete account;
}
