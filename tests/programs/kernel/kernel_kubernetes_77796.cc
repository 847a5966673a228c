// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_77796.cc: a cache collects the watchers of an event under its lock, but goes over them
// without it; the next event collects its own in the same place.
//
//   first                            second
//   lock: watchers_buffer_           .
//   goes over watchers_buffer_       .
//   .                                lock: clears watchers_buffer_
//
// GoBench (CGO 2021): kubernetes_77796.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/mutex.h>

#include <mutex>
#include <vector>

#include "tests/support/in_turn.h"

class Cacher {
 public:
  void AddWatcher(int watcher) { watchers_.push_back(watcher); }

  int Dispatch() {
    StartDispatching();
    int sent = 0;
    for (int watcher : watchers_buffer_) sent += watcher;
    return sent;
  }

 private:
  void StartDispatching() {
    std::lock_guard guard(mutex_);
    // want race.data x1: written by G\d+ "second" at .* with rwlock \S+ held and read by G\d+ "first" at
    watchers_buffer_.clear();
    // want race.data: by G\d+ "second" at .* with rwlock \S+ held and read by G\d+ "first" at
    for (int watcher : watchers_) watchers_buffer_.push_back(watcher);
  }

  stray::RWMutex mutex_;
  std::vector<int> watchers_, watchers_buffer_;
};

int main() {
  return stray::Main([] {
    Cacher cacher;
    cacher.AddWatcher(1);
    const auto dispatch = [&] {
      if (cacher.Dispatch() != 1) stray::Panic("not sent to all");
    };
    InTurn(dispatch, dispatch);
  });
}
