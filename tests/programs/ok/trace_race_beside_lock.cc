// SPDX-License-Identifier: Apache-2.0
// trace_race_beside_lock.cc: the second thread writes only after it has read that the first one has written: no
// order in which it reads that has the writes side by side.
//
// link: trace
#include <mutex>
#include <thread>

#include "tests/support/order.h"

int balance;
static bool is_paid;
static std::mutex mutex;
static Gate done;

int main() {
  std::thread first([] {
    balance = 1;
    {
      std::lock_guard<std::mutex> lock(mutex);
      is_paid = true;
    }
    GateOpen(&done);
  });
  std::thread second([] {
    GateAwait(&done);
    bool may_write;
    {
      std::lock_guard<std::mutex> lock(mutex);
      may_write = is_paid;
    }
    if (may_write) balance = 2;
  });
  first.join();
  second.join();
  return balance == 2 ? 0 : 1;
}
