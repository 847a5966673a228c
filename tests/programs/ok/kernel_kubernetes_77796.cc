// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_77796.cc: a cache collects the watchers of an event under its lock, each in a place of its
// own.
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
    int sent = 0;
    for (int watcher : StartDispatching()) sent += watcher;
    return sent;
  }

 private:
  std::vector<int> StartDispatching() {
    std::lock_guard guard(mutex_);
    std::vector<int> watchers;
    for (int watcher : watchers_) watchers.push_back(watcher);
    return watchers;
  }

  stray::RWMutex mutex_;
  std::vector<int> watchers_;
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
