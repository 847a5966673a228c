// SPDX-License-Identifier: Apache-2.0
// kernel_cockroach_16167.cc: the lock is not held any more when the configuration is waited for.
//
// link: runtime
// modes: gcc-O2
#include <stray/cond.h>
#include <stray/go.h>
#include <stray/mutex.h>

#include <mutex>
#include <shared_mutex>

#include "tests/support/parked.h"

class Executor {
 public:
  int Prepare() {
    {
      std::shared_lock guard(config_mutex_);
      reading_.Reach();
      stray::AwaitParked(stray::WaitReason::kSyncRWMutexLock, &config_mutex_);
    }
    return AwaitConfig();
  }
  void UpdateConfig(int config) {
    reading_.Await();
    std::lock_guard guard(config_mutex_);
    config_ = config;
    config_changed_.Broadcast();
  }

 private:
  int AwaitConfig() {
    reader_.Lock();
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
    stray::SetMaxProcs(1);
    Executor executor;
    stray::Go("updater", [&executor] { executor.UpdateConfig(1); });
    executor.Prepare();
  });
}
