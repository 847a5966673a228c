// SPDX-License-Identifier: Apache-2.0
// kernel_hugo_3251.cc: the outer lock is given back before the inner one is waited for.
//
// link: runtime
// modes: gcc-O2
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
  void Lock(const std::string& url) { Find(url)->Lock(); }
  void Unlock(const std::string& url) {
    std::shared_lock guard(outer_);
    inner_[url]->Unlock();
  }
  const stray::Mutex* Inner(const std::string& url) { return inner_[url].get(); }

 private:
  stray::Mutex* Find(const std::string& url) {
    std::lock_guard guard(outer_);
    std::unique_ptr<stray::Mutex>& inner = inner_[url];
    if (!inner) inner = std::make_unique<stray::Mutex>();
    return inner.get();
  }

  stray::RWMutex outer_;
  std::map<std::string, std::unique_ptr<stray::Mutex>> inner_;
};

static UrlLocks locks;
static stray::Milestone locked;

static const char kUrl[] = "example.org/data.json";

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(1);
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
    readers.Wait();
  });
}
