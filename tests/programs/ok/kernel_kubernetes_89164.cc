// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_89164.cc: watchers that take too long are noted and counted with the lock of a cache held
// all the time.
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
    std::lock_guard guard(mutex_);
    SendOrNoteLocked(watcher, event);
    for (size_t i = 0; i < blocked_count_; ++i) ++blocked_[i]->events_lost;
  }

 private:
  void SendOrNoteLocked(Watcher* watcher, int event) {
    blocked_count_ = 0;
    if (watcher->input.TrySend(event)) return;
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
