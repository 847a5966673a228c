// SPDX-License-Identifier: Apache-2.0
// deadlock_abba.cc: the two threads take the mutexes in the same order, and wait a lot without a deadlock.
//
// modes: gcc-O0 gcc-O2 clang-libc++ static-tsan shared-tsan
#include <cstdio>
#include <mutex>
#include <thread>

static std::mutex a, b;
static int count = 0;

static void Work() {
  for (int i = 0; i < 2000; ++i) {
    std::lock_guard<std::mutex> hold_a(a);
    std::lock_guard<std::mutex> hold_b(b);
    ++count;
  }
}

int main() {
  std::thread first(Work), second(Work);
  first.join();
  second.join();
  std::printf("%d\n", count);
}
