// SPDX-License-Identifier: Apache-2.0
// deadlock_async_destructor.cc: the future outlives the lock.
#include <future>
#include <mutex>

static std::mutex mutex;
static int sum = 0;

static void Add(int amount) {
  std::lock_guard<std::mutex> lock(mutex);
  sum += amount;
}

int main() {
  std::future<void> added;
  {
    std::lock_guard<std::mutex> lock(mutex);
    added = std::async(std::launch::async, Add, 1);
  }
  added.get();
  return sum - 1;
}
