// SPDX-License-Identifier: Apache-2.0
// heavy_producer_consumer.cc: three producers and three consumers with a bounded queue between them.
//
// modes: gcc-O0 gcc-O2 clang-libc++ static-tsan shared-tsan
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

class Queue {
 public:
  void Push(int value) {
    std::unique_lock<std::mutex> lock(mutex_);
    not_full_.wait(lock, [this] { return values_.size() < 4; });
    values_.push(value);
    not_empty_.notify_one();
  }
  int Pop() {
    std::unique_lock<std::mutex> lock(mutex_);
    not_empty_.wait(lock, [this] { return !values_.empty(); });
    int value = values_.front();
    values_.pop();
    not_full_.notify_one();
    return value;
  }

 private:
  std::mutex mutex_;
  std::condition_variable not_full_, not_empty_;
  std::queue<int> values_;
};

int main() {
  Queue queue;
  std::atomic<long> sum{0};
  std::vector<std::thread> producers, consumers;
  for (int i = 0; i < 3; ++i) {
    producers.emplace_back([&queue] {
      for (int value = 1; value <= 500; ++value) queue.Push(value);
    });
    consumers.emplace_back([&queue, &sum] {
      for (int value = queue.Pop(); value != 0; value = queue.Pop()) sum += value;
    });
  }
  for (std::thread& producer : producers) producer.join();
  for (int i = 0; i < 3; ++i) queue.Push(0);
  for (std::thread& consumer : consumers) consumer.join();
  std::printf("%ld\n", sum.load());
}
