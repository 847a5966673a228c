// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_30872.cc: who asks whether all is synced does without the informer's lock.
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
    std::lock_guard guard(mutex_);
    return left_ == 0;
  }

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
    locked.Reach();
    locked.Await(2);
    return queue_.HasSynced();
  }
  void Stop() {
    std::lock_guard guard(mutex_);
    stopped_ = true;
  }
  void Handle() {
    std::lock_guard guard(mutex_);
    ++handled_;
  }

 private:
  stray::Mutex mutex_;
  DeltaQueue queue_;
  int handled_ = 0;
  bool stopped_ = false;
};

static Informer informer;

int main() {
  return stray::Main([] {
    stray::WaitGroup all;
    all.Go("controller", [] { informer.Run(); });
    all.Go("asker", [] { informer.IsSynced(); });
    all.Go("stopper", [] { informer.Stop(); });
    all.Wait();
  });
}
