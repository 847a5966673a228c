// SPDX-License-Identifier: Apache-2.0
// trace_read_lock_reversed.cc: what is beside sections of an rwlock, one of them to read.
//
// link: trace
#include <shared_mutex>
#include <thread>

#include "tests/support/order.h"

int balance;
static int config;
static std::shared_mutex mutex;
static Gate done;

int main() {
  std::thread first([] {
    balance = 1;
    {
      std::lock_guard<std::shared_mutex> lock(mutex);
      config = 1;
    }
    GateOpen(&done);
  });
  std::thread second([] {
    GateAwait(&done);
    { std::shared_lock<std::shared_mutex> lock(mutex); }
    balance = 2;  // want race.predicted x1: balance is written by T3 at .* and written by T2 at
  });
  first.join();
  second.join();
  return config + balance == 3 ? 0 : 1;
}
