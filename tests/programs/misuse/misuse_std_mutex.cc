// SPDX-License-Identifier: Apache-2.0
// misuse_std_mutex.cc: std::mutex unlocked by hand inside the scope of a guard that unlocks it again.
//
// modes: gcc-O0 gcc-O2 clang-libc++
#include <mutex>

static std::mutex mutex;

int main() {
  std::lock_guard<std::mutex> lock(mutex);
  mutex.unlock();
}  // want sync.misuse x1: unlocked.*nobody held
