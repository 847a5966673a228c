// SPDX-License-Identifier: Apache-2.0
// trace_race_beside_lock.cc: two threads write a variable outside of the lock that, in this run, orders them.
//
//   T2        T3
//   write     .
//   lock      .
//   .         lock
//   .         write      in another order of the two sections nothing is between the writes
//
// link: trace
#include <mutex>
#include <thread>

#include "tests/support/order.h"

int balance;
static int first_calls, second_calls;
static std::mutex mutex;
static Gate done;

int main() {
  std::thread first([] {
    balance = 1;
    {
      std::lock_guard<std::mutex> lock(mutex);
      ++first_calls;
    }
    GateOpen(&done);
  });
  std::thread second([] {
    GateAwait(&done);
    {
      std::lock_guard<std::mutex> lock(mutex);
      ++second_calls;
    }
    balance = 2;  // want race.predicted x1: balance is written by T3 at .* and written by T2 at
  });
  first.join();
  second.join();
  return balance + first_calls + second_calls == 4 ? 0 : 1;
}
