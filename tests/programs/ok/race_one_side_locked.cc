// SPDX-License-Identifier: Apache-2.0
// race_one_side_locked.cc: writer and reader take the same mutex.
//
// link: race
// modes: static-tsan shared-tsan
#include <mutex>
#include <thread>

#include "tests/support/order.h"

long balance;
static std::mutex balance_mutex;
static Gate written;

int main() {
  std::thread writer([] {
    {
      std::lock_guard guard(balance_mutex);
      balance = 100;
    }
    GateOpen(&written);
  });
  GateAwait(&written);
  bool is_rich = false;
  {
    std::lock_guard guard(balance_mutex);
    is_rich = balance > 50;
  }
  writer.join();
  return is_rich ? 0 : 1;
}
