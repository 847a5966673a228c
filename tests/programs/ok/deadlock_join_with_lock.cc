// SPDX-License-Identifier: Apache-2.0
// deadlock_join_with_lock.cc: main gives the lock back before it joins.
//
// modes: gcc-O0 gcc-O2 clang-libc++
#include <mutex>
#include <thread>

static std::mutex mutex;

static void Work() { std::lock_guard<std::mutex> lock(mutex); }

int main() {
  std::unique_lock<std::mutex> lock(mutex);
  std::thread worker(Work);
  lock.unlock();
  worker.join();
}
