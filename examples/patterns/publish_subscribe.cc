// SPDX-License-Identifier: Apache-2.0
// publish_subscribe.cc: each message goes to everybody who has subscribed, and a slow one holds up nobody.
//
// When: those who send do not know, or care, who listens.
// Without a buffer and TrySend for each: one subscriber that stops reading stops the publisher, and all others.
//
// prints: 3 subscribers got 10, 10 and 4 messages
#include <stray/stray.h>

#include <cstdio>
#include <mutex>
#include <vector>

class Topic {
 public:
  // What does not fit into the buffer is lost to this subscriber.
  stray::RecvChan<int> Subscribe(size_t buffer) {
    std::lock_guard guard(mutex_);
    subscribers_.push_back(stray::MakeChan<int>(buffer));
    return subscribers_.back();
  }
  void Publish(int message) {
    std::lock_guard guard(mutex_);
    for (const auto& subscriber : subscribers_) subscriber.TrySend(message);
  }
  // Everybody's range loop ends.
  void Close() {
    std::lock_guard guard(mutex_);
    for (const auto& subscriber : subscribers_) subscriber.Close();
    subscribers_.clear();
  }

 private:
  stray::Mutex mutex_;
  std::vector<stray::Chan<int>> subscribers_;
};

static int CountAll(const stray::RecvChan<int>& messages) {
  int count = 0;
  for ([[maybe_unused]] int message : messages) ++count;
  return count;
}

int main() {
  return stray::Main([] {
    Topic topic;
    auto first = topic.Subscribe(10), second = topic.Subscribe(10), small = topic.Subscribe(4);
    for (int i = 0; i < 10; ++i) topic.Publish(i);
    topic.Close();
    std::printf("3 subscribers got %d, %d and %d messages\n", CountAll(first), CountAll(second),
                CountAll(small));
  });
}
