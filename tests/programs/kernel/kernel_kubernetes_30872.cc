// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_30872.cc: what is popped from a queue is handled under the queue's lock and takes the
// informer's; who asks whether all is synced takes them the other way round, and who stops queues up behind.
// After a kernel of GoBench (CGO 2021).
//
//   controller                 asker                        stopper
//   Pop: Lock queue            .                            .
//   .                          IsSynced: Lock informer      .
//     Handle: Lock informer    .                            .
//   .                            HasSynced: Lock queue      .
//   .                          .                            Stop: Lock informer
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/go.h>
#include <stray/mutex.h>

#include <functional>
#include <mutex>

#include "tests/support/parked.h"

using stray::WaitReason;

static stray::Milestone locked;

class DeltaQueue {
 public:
  void Pop(const std::function<void()>& handle) {
    std::lock_guard guard(mutex_);
    locked.Reach();
    locked.Await(2);
    handle();
    --left_;
  }
  bool HasSynced() {
    std::lock_guard guard(mutex_);  // want deadlock.cycle x1: "asker" .*\[sync.RWMutex.Lock\]
    return left_ == 0;
  }
  const stray::RWMutex& mutex() const { return mutex_; }

 private:
  stray::RWMutex mutex_;
  int left_ = 1;
};

class Informer {
 public:
  void Run() {
    queue_.Pop([this] { Handle(); });
  }
  bool IsSynced() {
    std::lock_guard guard(mutex_);
    locked.Reach();
    locked.Await(2);
    return queue_.HasSynced();
  }
  void Stop() {
    // behind deadlock.cycle x1: "stopper" blocked \[sync.Mutex.Lock\]
    std::lock_guard guard(mutex_);
    stopped_ = true;
  }
  void Handle() {
    std::lock_guard guard(mutex_);  // want deadlock.cycle x1: "controller" .*\[sync.Mutex.Lock\]
    ++handled_;
  }
  DeltaQueue& queue() { return queue_; }
  const stray::Mutex& mutex() const { return mutex_; }

 private:
  stray::Mutex mutex_;
  DeltaQueue queue_;
  int handled_ = 0;
  bool stopped_ = false;
};

static Informer informer;

int main() {
  return stray::Main([] {
    stray::Go("controller", [] { informer.Run(); });
    stray::Go("asker", [] { informer.IsSynced(); });
    stray::AwaitParked(WaitReason::kSyncRWMutexLock, &informer.queue().mutex());
    stray::AwaitParked(WaitReason::kSyncMutexLock, &informer.mutex());
    stray::Go("stopper", [] { informer.Stop(); });
    stray::AwaitParked(WaitReason::kSyncMutexLock, &informer.mutex(), 2);
  });
}
