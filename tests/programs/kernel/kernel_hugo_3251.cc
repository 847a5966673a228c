// SPDX-License-Identifier: Apache-2.0
// kernel_hugo_3251.cc: a map of locks waits for an inner lock with the outer one locked, and who has the inner
// one needs the outer one to give it back. After a kernel of GoBench (CGO 2021).
//
//   first                  second               main
//   Lock: inner            .                    .
//   .                      Lock: outer          .
//   .                        Lock inner         .           waits for the first
//   Unlock: RLock outer    .                    .           waits for the second
//   .                      .                    Wait
//
// link: runtime
// modes: gcc-O2
// exit: 2
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>

#include "tests/support/parked.h"

class UrlLocks {
 public:
  void Lock(const std::string& url) {
    std::lock_guard guard(outer_);
    std::unique_ptr<stray::Mutex>& inner = inner_[url];
    if (!inner) inner = std::make_unique<stray::Mutex>();
    inner->Lock();  // want deadlock.cycle x1: "second" .*\[sync.Mutex.Lock\]
  }
  void Unlock(const std::string& url) {
    std::shared_lock guard(outer_);  // want deadlock.cycle x1: "first" .*\[sync.RWMutex.RLock\]
    inner_[url]->Unlock();
  }
  const stray::Mutex* Inner(const std::string& url) { return inner_[url].get(); }

 private:
  stray::RWMutex outer_;
  std::map<std::string, std::unique_ptr<stray::Mutex>> inner_;
};

static UrlLocks locks;
static stray::Milestone locked;

static const char kUrl[] = "example.org/data.json";

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(1);  // the stacks on standard error are the same every time
    stray::WaitGroup readers;
    readers.Go("first", [] {
      locks.Lock(kUrl);
      locked.Reach();
      stray::AwaitParked(stray::WaitReason::kSyncMutexLock, locks.Inner(kUrl));
      locks.Unlock(kUrl);
    });
    locked.Await();
    readers.Go("second", [] {
      locks.Lock(kUrl);
      locks.Unlock(kUrl);
    });
    readers.Wait();  // want deadlock.all x1: main waits in sync.WaitGroup.Wait
  });
}
