// SPDX-License-Identifier: Apache-2.0
// kernel_cockroach_584.cc: the loop is left with the mutex locked, and the next method of the same object locks
// it again. After a kernel of GoBench (CGO 2021).
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/go.h>
#include <stray/mutex.h>

#include <mutex>

#include "tests/support/parked.h"

class Gossip {
 public:
  void Run() {
    Bootstrap();
    Manage();
  }
  void Close() {
    std::lock_guard guard(mutex_);
    closed_ = true;
  }
  const stray::Mutex& mutex() const { return mutex_; }

 private:
  void Bootstrap() {
    for (;;) {
      mutex_.Lock();
      if (closed_) break;  // without Unlock
      mutex_.Unlock();
      stray::Yield();
    }
  }
  void Manage() {
    mutex_.Lock();  // want deadlock.self x1: "gossip" waits for .*, which it has locked itself before, at
    mutex_.Unlock();
  }

  stray::Mutex mutex_;
  bool closed_ = false;
};

static Gossip gossip;

int main() {
  return stray::Main([] {
    stray::Go("gossip", [] { gossip.Run(); });
    gossip.Close();
    stray::AwaitParked(stray::WaitReason::kSyncMutexLock, &gossip.mutex());
  });
}
