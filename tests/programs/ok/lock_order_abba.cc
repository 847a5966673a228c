// SPDX-License-Identifier: Apache-2.0
// lock_order_abba.cc: the same order in both threads, and either mutex alone in any.
//
// modes: gcc-O0 gcc-O2 clang-libc++ static-tsan shared-tsan
#include <mutex>

#include "tests/support/puppet.h"

static std::mutex a, b;

static void TakeBoth() {
  std::lock_guard<std::mutex> hold_a(a);
  std::lock_guard<std::mutex> hold_b(b);
}

int main() {
  Puppet first("first"), second("second");
  first.Do(TakeBoth);
  second.Do(TakeBoth);
  second.Do([] {
    b.lock();
    b.unlock();
    a.lock();
    a.unlock();
  });
}
