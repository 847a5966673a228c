// SPDX-License-Identifier: Apache-2.0
// trace_lockset_hint.cc: the second thread writes without the lock what the first one wrote under it, but only
// after it has read, under the lock, that the first one is through.
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
      ++calls;
    }
    GateOpen(&done);
  });
  std::thread second([] {
    GateAwait(&done);
    bool is_last = false;
    {
      std::lock_guard<std::mutex> lock(mutex);
      is_last = ++calls == 2;
    }
    if (is_last) balance = 2;
  });
  first.join();
  second.join();
  return balance == 2 ? 0 : 1;
}
