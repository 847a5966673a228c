// SPDX-License-Identifier: Apache-2.0
// lock_order_transfer.cc: the classic: transfers lock two accounts in the order of the arguments. The same two
// places in the code, seen with two pairs of accounts, are one finding that occurred twice.
//
//   first                            second
//   transfer 0 to 1, 2 to 3          .
//   .                                transfer 1 to 0, 3 to 2
//
// twin: lock_order_by_address.cc
#include <array>
#include <mutex>

#include "tests/support/puppet.h"

struct Account {
  std::mutex mutex;
  long balance = 1000;
};

static std::array<Account, 4> accounts;

__attribute__((noinline)) static void Transfer(Account* from, Account* to) {
  std::lock_guard<std::mutex> hold_from(from->mutex);
  std::lock_guard<std::mutex> hold_to(to->mutex);  // want lock-order.cycle x2: .
  from->balance -= 1;
  to->balance += 1;
}

int main() {
  Puppet first("first"), second("second");
  for (int i = 0; i < 4; i += 2) {
    first.Do([i] { Transfer(&accounts[i], &accounts[i + 1]); });
    second.Do([i] { Transfer(&accounts[i + 1], &accounts[i]); });
  }
}
