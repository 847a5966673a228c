// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_13135.cc: who adds tells of it when it has unlocked the watch cache.
//
// link: runtime
// modes: gcc-O2
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <functional>
#include <mutex>

#include "tests/support/parked.h"

static stray::Milestone locked;

class WatchCache {
 public:
  std::function<void()> on_event;

  void Replace() {
    std::lock_guard guard(mutex_);
    ++version_;
  }
  void Add() {
    {
      std::lock_guard guard(mutex_);
      locked.Reach();
      locked.Await(2);
      ++version_;
    }
    on_event();
  }

 private:
  stray::RWMutex mutex_;
  int version_ = 0;
};

class Cacher {
 public:
  Cacher() {
    cache_.on_event = [this] { OnEvent(); };
  }
  void StartCaching() {
    std::lock_guard guard(mutex_);
    locked.Reach();
    locked.Await(2);
    cache_.Replace();
  }
  WatchCache& cache() { return cache_; }

 private:
  void OnEvent() {
    std::lock_guard guard(mutex_);
    ++events_;
  }

  stray::Mutex mutex_;
  WatchCache cache_;
  int events_ = 0;
};

int main() {
  return stray::Main([] {
    Cacher cacher;
    stray::WaitGroup both;
    both.Go("starter", [&cacher] { cacher.StartCaching(); });
    both.Go("adder", [&cacher] { cacher.cache().Add(); });
    both.Wait();
  });
}
