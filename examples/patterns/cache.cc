// SPDX-License-Identifier: Apache-2.0
// cache.cc: many read at the same time, and whoever misses computes and writes, alone.
//
// When: reads are far more frequent than writes, and take long enough to be in each other's way.
// Without the second look under the write lock: all who missed at the same moment compute the same value. And a
// read lock does not become a write lock: who holds it and asks for the other waits for itself.
//
// prints: 100 lookups, 10 computed
#include <stray/stray.h>

#include <cstdio>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

class Cache {
 public:
  int Square(int number) {
    {
      std::shared_lock guard(mutex_);
      const auto found = squares_.find(number);
      if (found != squares_.end()) return found->second;
    }
    std::lock_guard guard(mutex_);
    const auto [place, is_new] = squares_.try_emplace(number, 0);
    if (is_new) {
      place->second = number * number;
      ++computed_;
    }
    return place->second;
  }
  int Computed() {
    std::shared_lock guard(mutex_);
    return computed_;
  }

 private:
  stray::RWMutex mutex_;
  std::unordered_map<int, int> squares_;
  int computed_ = 0;
};

int main() {
  return stray::Main([] {
    Cache cache;
    stray::Atomic<int> lookups = 0;
    stray::WaitGroup readers;
    for (int i = 0; i < 100; ++i) {
      readers.Go("reader", [&, number = i % 10] {
        if (cache.Square(number) == number * number) lookups.Add(1);
      });
    }
    readers.Wait();
    std::printf("%d lookups, %d computed\n", lookups.Load(), cache.Computed());
  });
}
