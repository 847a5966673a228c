// SPDX-License-Identifier: Apache-2.0
// lock_order_scoped_lock.cc: std::scoped_lock and std::lock take several mutexes in any order without a
// deadlock.
//
// modes: gcc-O0 gcc-O2 clang-libc++
#include <mutex>
#include <thread>

static std::mutex a, b, c;
static int count = 0;

int main() {
  std::thread first([] {
    for (int i = 0; i < 1000; ++i) {
      std::scoped_lock lock(a, b, c);
      ++count;
    }
  });
  std::thread second([] {
    for (int i = 0; i < 1000; ++i) {
      std::unique_lock<std::mutex> hold_c(c, std::defer_lock), hold_b(b, std::defer_lock),
          hold_a(a, std::defer_lock);
      std::lock(hold_c, hold_b, hold_a);
      ++count;
    }
  });
  first.join();
  second.join();
}
