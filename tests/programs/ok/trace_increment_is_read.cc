// SPDX-License-Identifier: Apache-2.0
// trace_increment_is_read.cc: what `ready++` reads decides what the second thread does. Compilers leave the
// read out of what they tell, unless told otherwise, and then the writes seem to depend on nothing.
//
// link: trace
#include <mutex>
#include <thread>

#include "tests/support/order.h"

int data;
static int ready;
static std::mutex mutex;
static Gate done;

int main() {
  std::thread first([] {
    data = 1;
    {
      std::lock_guard<std::mutex> lock(mutex);
      ready++;
    }
    GateOpen(&done);
  });
  std::thread second([] {
    GateAwait(&done);
    bool is_second;
    {
      std::lock_guard<std::mutex> lock(mutex);
      is_second = ready++ == 1;
    }
    if (is_second) data = 2;
  });
  first.join();
  second.join();
  return data == 2 ? 0 : 1;
}
