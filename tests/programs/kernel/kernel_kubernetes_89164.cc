// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_89164.cc: watchers that take too long are noted under the lock of a cache, and counted
// after it was given back, while another event notes its own.
//
//   first                              second
//   lock: notes a watcher              .
//   counts blocked_                    .
//   .                                  lock: blocked_ = none, notes one
//
// GoBench (CGO 2021): kubernetes_89164.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/mutex.h>

#include <mutex>
#include <vector>

#include "tests/support/in_turn.h"

struct Watcher {
  stray::Chan<int> input = stray::MakeChan<int>(1);
  int events_lost = 0;
};

class Cacher {
 public:
  void Dispatch(Watcher* watcher, int event) {
    SendOrNote(watcher, event);
    for (size_t i = 0; i < blocked_count_; ++i) ++blocked_[i]->events_lost;
  }

 private:
  void SendOrNote(Watcher* watcher, int event) {
    std::lock_guard guard(mutex_);
    // want race.data x1: written by G\d+ "second" at .* with rwlock \S+ held and read by G\d+ "first" at
    blocked_count_ = 0;
    if (watcher->input.TrySend(event)) return;
    // want race.data x1: written by G\d+ "second" at .* with rwlock \S+ held and read by G\d+ "first" at
    blocked_[blocked_count_++] = watcher;
  }

  stray::RWMutex mutex_;
  Watcher* blocked_[4] = {};
  size_t blocked_count_ = 0;
};

int main() {
  return stray::Main([] {
    Cacher cacher;
    Watcher one, other;
    one.input.Send(0);
    other.input.Send(0);
    InTurn([&] { cacher.Dispatch(&one, 1); }, [&] { cacher.Dispatch(&other, 2); });
  });
}
