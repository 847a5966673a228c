// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_13135.cc: a cacher that starts locks itself and then its watch cache; an object that is
// added goes the other way. After a kernel of GoBench (CGO 2021).
//
//   starter                     adder
//   StartCaching: Lock cacher   .
//   .                           Add: Lock watch cache
//     Replace: Lock cache       .
//   .                             OnEvent: Lock cacher
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/go.h>
#include <stray/mutex.h>

#include <functional>
#include <mutex>

#include "tests/support/parked.h"

static stray::Milestone locked;

class WatchCache {
 public:
  std::function<void()> on_event;

  void Replace() {
    std::lock_guard guard(mutex_);  // want deadlock.cycle x1: "starter" .*\[sync.RWMutex.Lock\]
    ++version_;
  }
  void Add() {
    std::lock_guard guard(mutex_);
    locked.Reach();
    locked.Await(2);
    ++version_;
    on_event();
  }
  const stray::RWMutex& mutex() const { return mutex_; }

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
  const stray::Mutex& mutex() const { return mutex_; }

 private:
  void OnEvent() {
    std::lock_guard guard(mutex_);  // want deadlock.cycle x1: "adder" .*\[sync.Mutex.Lock\]
    ++events_;
  }

  stray::Mutex mutex_;
  WatchCache cache_;
  int events_ = 0;
};

static Cacher& TheCacher() {
  static Cacher cacher;
  return cacher;
}

int main() {
  return stray::Main([] {
    Cacher& cacher = TheCacher();
    stray::Go("starter", [&cacher] { cacher.StartCaching(); });
    stray::Go("adder", [&cacher] { cacher.cache().Add(); });
    stray::AwaitParked(stray::WaitReason::kSyncRWMutexLock, &cacher.cache().mutex());
    stray::AwaitParked(stray::WaitReason::kSyncMutexLock, &cacher.mutex());
  });
}
