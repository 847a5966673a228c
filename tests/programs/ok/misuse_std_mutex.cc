// SPDX-License-Identifier: Apache-2.0
// misuse_std_mutex.cc: std::unique_lock knows whether it has to unlock.
//
// modes: gcc-O0 gcc-O2 clang-libc++
#include <mutex>

static std::mutex mutex;

int main() {
  std::unique_lock<std::mutex> lock(mutex);
  lock.unlock();
  lock.lock();
  lock.unlock();
}
