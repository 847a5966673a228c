// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/word_lock.h"

#include <sys/syscall.h>
#include <time.h>

#include "instrumentation/runtime/context.h"
#include "instrumentation/runtime/kernel.h"

namespace stray::runtime {
namespace {

constexpr int kSpins = 200, kYields = 10;
constexpr long kLongestSleepNs = 1'000'000;

}  // namespace

void WordLock::LockSlow() {
  long sleep_ns = 10'000;
  for (int tries = 0;; ++tries) {
    if (word_.load(std::memory_order_relaxed) == 0 && TryLock()) return;
    if (tries < kSpins) {
      SpinPause();
    } else if (tries < kSpins + kYields) {
      KernelCall(SYS_sched_yield);
    } else {
      const timespec length = {0, sleep_ns};
      KernelCall(SYS_nanosleep, reinterpret_cast<long>(&length));
      if (sleep_ns < kLongestSleepNs) sleep_ns *= 2;
    }
  }
}

}  // namespace stray::runtime
