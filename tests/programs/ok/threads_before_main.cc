// SPDX-License-Identifier: Apache-2.0
// threads_before_main.cc: constructors of static objects lock, create threads and join them before main.
#include <cstdio>
#include <mutex>
#include <thread>

static std::mutex mutex;
static int count = 0;

struct Early {
  Early() {
    std::thread worker([] {
      std::lock_guard<std::mutex> lock(mutex);
      ++count;
    });
    worker.join();
  }
};
static Early first, second;

__attribute__((constructor(101))) static void EvenEarlier() {
  std::thread([] {}).join();
}

int main() { std::printf("%d\n", count); }
