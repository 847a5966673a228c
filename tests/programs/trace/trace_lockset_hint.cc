// SPDX-License-Identifier: Apache-2.0
// trace_lockset_hint.cc: one thread writes under the lock, the other one without it. In this run the lock was
// given from one to the other in between.
//
//   T2        T3
//   lock      .
//   write     .
//   unlock    .
//   .         lock, unlock
//   .         write         if its section came first, nothing would be between the writes
//
// link: trace
#include <mutex>
#include <thread>

#include "tests/support/order.h"

int balance;
static int calls;
static std::mutex mutex;
static Gate done;

int main() {
  std::thread first([] {
    {
      std::lock_guard<std::mutex> lock(mutex);
      balance = 1;
    }
    GateOpen(&done);
  });
  std::thread second([] {
    GateAwait(&done);
    {
      std::lock_guard<std::mutex> lock(mutex);
      ++calls;
    }
    // want race.lockset x1: balance is written by T2 at .* with mutex \w+ held and written by T3
    balance = 2;
  });
  first.join();
  second.join();
  return balance + calls == 3 ? 0 : 1;
}
