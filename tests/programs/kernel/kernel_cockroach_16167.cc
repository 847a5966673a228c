// SPDX-License-Identifier: Apache-2.0
// kernel_cockroach_16167.cc: the locker of a condition is the reading side of a lock; one path takes it twice,
// and a writer gets in between. After a kernel of GoBench (CGO 2021).
//
//   main                         updater
//   RLock                        .
//   .                            Lock        waits for main to leave
//   AwaitConfig: locker.Lock     .           waits behind the updater
//
// link: runtime
// modes: gcc-O2
// exit: 2
#include <stray/cond.h>
#include <stray/go.h>
#include <stray/mutex.h>

#include <mutex>
#include <shared_mutex>

#include "tests/support/parked.h"

class Executor {
 public:
  int Prepare() {
    std::shared_lock guard(config_mutex_);
    reading_.Reach();
    stray::AwaitParked(stray::WaitReason::kSyncRWMutexLock, &config_mutex_);
    return AwaitConfig();
  }
  void UpdateConfig(int config) {
    reading_.Await();
    std::lock_guard guard(config_mutex_);  // want deadlock.cycle x1: "updater" .*\[sync.RWMutex.Lock\]
    config_ = config;
    config_changed_.Broadcast();
  }

 private:
  int AwaitConfig() {
    reader_.Lock();  // want deadlock.cycle x1: "main" .*\[sync.RWMutex.RLock\]
    config_changed_.Wait([this] { return config_ != 0; });
    const int config = config_;
    reader_.Unlock();
    return config;
  }

  stray::RWMutex config_mutex_;
  stray::RWMutex::ReadLocker reader_ = config_mutex_.RLocker();
  stray::Cond config_changed_{reader_};
  stray::Milestone reading_;
  int config_ = 0;
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(1);  // the stacks on standard error are the same every time
    Executor executor;
    stray::Go("updater", [&executor] { executor.UpdateConfig(1); });
    executor.Prepare();  // want deadlock.all x1: main waits to read rwlock .* "updater" waits to write rwlock
  });
}
