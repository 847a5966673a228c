// SPDX-License-Identifier: Apache-2.0
// deadlock_join_with_lock.cc: main joins a thread while it holds the lock that the thread wants.
//
//   main                  worker
//   lock                  .
//   join                  lock           main waits for the worker, the worker for main
//
// hangs: yes
// modes: gcc-O0 gcc-O2 clang-libc++
#include <mutex>
#include <thread>

static std::mutex mutex;

static void Work() {
  std::lock_guard<std::mutex> lock(mutex);  // want deadlock.cycle x1: \[pthread_mutex_lock\]
}

int main() {
  std::unique_lock<std::mutex> lock(mutex);
  std::thread worker(Work);
  // want deadlock.cycle x1: \[pthread_join\]
  worker.join();  // want deadlock.all: .
}
