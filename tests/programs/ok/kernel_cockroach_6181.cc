// SPDX-License-Identifier: Apache-2.0
// kernel_cockroach_6181.cc: who prints the cache has its lock already, and says so in its name.
//
// link: runtime
// modes: gcc-O2
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>
#include <shared_mutex>
#include <string>

#include "tests/support/parked.h"

class RangeCache {
 public:
  std::string Lookup() {
    std::shared_lock guard(mutex_);
    reading_.Reach();
    stray::AwaitParked(stray::WaitReason::kSyncRWMutexLock, &mutex_);
    return "looked up in " + StringLocked();
  }
  void Insert(const std::string& range) {
    reading_.Await();
    std::lock_guard guard(mutex_);
    ranges_ += range;
  }

 private:
  std::string StringLocked() { return ranges_; }

  stray::RWMutex mutex_;
  stray::Milestone reading_;
  std::string ranges_;
};

static RangeCache cache;
static stray::WaitGroup lookups;

int main() {
  return stray::Main([] {
    lookups.Go("reader", [] { cache.Lookup(); });
    lookups.Go("writer", [] { cache.Insert("a-m"); });
    lookups.Wait();
  });
}
