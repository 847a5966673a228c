// SPDX-License-Identifier: Apache-2.0
// cond_queue.cc: a queue without a limit, of which several can be taken at once: what a channel does not do.
//
// When: the condition is more than "there is one": a batch, a priority, a sum; else a channel is simpler.
// Without the loop around Wait: what was announced may be gone when the one that was woken gets the lock.
// Without the flag in Close: who waits when the last item is taken waits for ever.
//
// prints: 10 items in batches of no more than 4
#include <stray/stray.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <mutex>
#include <vector>

class BatchQueue {
 public:
  void Push(int item) {
    std::lock_guard guard(mutex_);
    items_.push_back(item);
    changed_.Signal();
  }
  void Close() {
    std::lock_guard guard(mutex_);
    is_closed_ = true;
    changed_.Broadcast();
  }
  // Waits until there is something; empty: closed, and all is taken.
  std::vector<int> Take(size_t most) {
    std::lock_guard guard(mutex_);
    changed_.Wait([this] { return is_closed_ || !items_.empty(); });
    const auto end = items_.begin() + static_cast<std::ptrdiff_t>(std::min(most, items_.size()));
    std::vector<int> batch(items_.begin(), end);
    items_.erase(items_.begin(), end);
    return batch;
  }

 private:
  stray::Mutex mutex_;
  stray::Cond changed_{mutex_};
  std::deque<int> items_;
  bool is_closed_ = false;
};

int main() {
  return stray::Main([] {
    BatchQueue queue;
    size_t taken = 0, largest = 0;
    stray::WaitGroup taker;
    taker.Go("taker", [&] {
      for (std::vector<int> batch = queue.Take(4); !batch.empty(); batch = queue.Take(4)) {
        taken += batch.size();
        largest = std::max(largest, batch.size());
      }
    });
    for (int i = 0; i < 10; ++i) queue.Push(i);
    queue.Close();
    taker.Wait();
    std::printf("%zu items in batches of %s\n", taken, largest <= 4 ? "no more than 4" : "more than 4");
  });
}
