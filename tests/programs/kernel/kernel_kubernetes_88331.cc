// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_88331.cc: the heap of a queue of pods shrinks under the lock; who shows its length reads it
// without the lock.
//
//   main                      flusher
//   Len                       .
//   .                         lock: Pop
//
// GoBench (CGO 2021): kubernetes_88331.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/stray.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <vector>

#include "tests/support/order.h"

using namespace std::chrono_literals;

static Gate was_shown, was_flushed;

class Heap {
 public:
  void Push(int priority) {
    items_.push_back(priority);
    std::push_heap(items_.begin(), items_.end());
  }
  int Pop() {
    std::pop_heap(items_.begin(), items_.end());
    const int top = items_.back();
    // want race.data x1: written by G\d+ "flusher" at .* with rwlock \S+ held and read by .*main.* at
    items_.pop_back();
    return top;
  }
  size_t Len() const { return items_.size(); }

 private:
  std::vector<int> items_;
};

class PriorityQueue {
 public:
  void Run() {
    all_.Go("flusher", [this] {
      for (bool is_open = true; is_open;) {
        stray::Select(stray::OnRecv(stop_, [&](auto) { is_open = false; }),
                      stray::OnRecv(stray::After(1ms), [this](auto) { Flush(); }));
      }
    });
  }
  void Add(int priority) {
    std::lock_guard guard(mutex_);
    backoff_.Push(priority);
  }
  [[gnu::noinline]] size_t NumBackoff() { return backoff_.Len(); }
  void Close() {
    stop_.Close();
    all_.Wait();
  }

 private:
  void Flush() {
    GateAwait(&was_shown);
    std::lock_guard guard(mutex_);
    if (backoff_.Len() > 0) backoff_.Pop();
    GateOpen(&was_flushed);
  }

  stray::RWMutex mutex_;
  Heap backoff_;
  stray::WaitGroup all_;
  const stray::Chan<stray::Unit> stop_ = stray::MakeChan<stray::Unit>();
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    PriorityQueue queue;
    queue.Add(1);
    queue.Run();
    if (queue.NumBackoff() != 1) stray::Panic("not one");
    GateOpen(&was_shown);
    GateAwait(&was_flushed);  // who has ended may be forgotten
    queue.Close();
  });
}
