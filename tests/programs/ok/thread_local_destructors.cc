// SPDX-License-Identifier: Apache-2.0
// thread_local_destructors.cc: destructors of thread_local objects lock, wait and create, after the thread's
// function.
#include <cstdio>
#include <mutex>
#include <thread>

static std::mutex mutex;
static int destroyed = 0;

struct Counter {
  int value = 0;
  ~Counter() {
    std::lock_guard<std::mutex> lock(mutex);
    destroyed += value;
    if (value == 2) std::thread([] { std::lock_guard<std::mutex> inner(other); }).join();
  }
  static inline std::mutex other;
};
static thread_local Counter counter;

int main() {
  std::thread first([] { counter.value = 1; }), second([] { counter.value = 2; });
  first.join();
  second.join();
  std::printf("%d\n", destroyed);
}
