// SPDX-License-Identifier: Apache-2.0
// lockers.cc: threads that lock, for the tests of traces; not built for traces itself.
//
//   lockers apart      two locks in opposite orders, one thread after the other
//   lockers often N    four threads lock one mutex N times each
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>

#include "tests/support/order.h"

static std::mutex a, b;
static Gate done;

static void Apart() {
  std::thread first([] {
    {
      const std::scoped_lock<std::mutex> hold_a(a);
      const std::scoped_lock<std::mutex> hold_b(b);
    }
    GateOpen(&done);
  });
  std::thread second([] {
    GateAwait(&done);
    const std::scoped_lock<std::mutex> hold_b(b);
    const std::scoped_lock<std::mutex> hold_a(a);
  });
  first.join();
  second.join();
}

static void Often(long times) {
  const auto work = [times] {
    for (long i = 0; i < times; ++i) const std::lock_guard<std::mutex> hold(a);
  };
  std::thread threads[4];
  for (std::thread& thread : threads) thread = std::thread(work);
  for (std::thread& thread : threads) thread.join();
}

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "apart") == 0) Apart();
  if (argc > 2 && std::strcmp(argv[1], "often") == 0) Often(std::atol(argv[2]));
  std::puts("done");
}
