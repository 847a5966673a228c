// SPDX-License-Identifier: Apache-2.0
// kernel_cockroach_6181.cc: a line of the log prints the cache, which takes its read lock a second time, and a
// peer that has come to the write lock gets in between. After a kernel of GoBench (CGO 2021).
//
//   reader           writer         waiter
//   RLock            .              .
//   .                Lock           .         waits for the reader to leave
//   String: RLock    .              .         waits behind the writer
//   .                .              Wait
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>
#include <shared_mutex>
#include <string>

#include "tests/support/parked.h"

using stray::WaitReason;

class RangeCache {
 public:
  std::string Lookup() {
    std::shared_lock guard(mutex_);
    reading_.Reach();
    stray::AwaitParked(WaitReason::kSyncRWMutexLock, &mutex_);
    return "looked up in " + String();
  }
  void Insert(const std::string& range) {
    reading_.Await();
    std::lock_guard guard(mutex_);
    ranges_ += range;
  }
  const stray::RWMutex& mutex() const { return mutex_; }

 private:
  std::string String() {
    std::shared_lock guard(mutex_);  // want deadlock.cycle x1: "reader" .*\[sync.RWMutex.RLock\]
    return ranges_;
  }

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
    // want leak.blocked x1: "waiter" waits in sync.WaitGroup.Wait on wait group lookups
    stray::Go("waiter", [] { lookups.Wait(); });
    stray::AwaitParked(WaitReason::kSyncRWMutexRLock, &cache.mutex());
    stray::AwaitParked(WaitReason::kSyncWaitGroupWait, &lookups);
  });
}
