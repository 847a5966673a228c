// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_10182.cc: the status of a pod is sent to the sync loop with the lock held that the loop
// takes between two receives. After a kernel of GoBench (CGO 2021).
//
//   syncer               first, second
//   .                    Lock, Send, Unlock
//   Recv                 .
//   .                    Lock, Send          waits for the syncer
//   Forget: Lock         .                   waits for who sends
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>

#include <map>
#include <mutex>
#include <string>

#include "tests/support/parked.h"

using stray::WaitReason;

class StatusManager {
 public:
  void SetStatus(const std::string& pod) {
    std::lock_guard guard(mutex_);
    statuses_[pod] = "running";
    // want deadlock.cycle x1: "setter" .*\[chan send\]
    changed_.Send(pod);
  }
  void Sync() {
    for (const std::string& pod : changed_) Forget(pod);
  }
  const stray::RWMutex& mutex() const { return mutex_; }

 private:
  void Forget(const std::string& pod) {
    stray::AwaitParked(WaitReason::kChanSend, changed_.get());
    std::lock_guard guard(mutex_);
    statuses_.erase(pod);
  }

  stray::RWMutex mutex_;
  std::map<std::string, std::string> statuses_;
  stray::Chan<std::string> changed_ = stray::MakeChan<std::string>();
};

int main() {
  return stray::Main([] {
    static StatusManager manager;
    stray::Go("syncer", [] { manager.Sync(); });
    stray::Go("setter", [] { manager.SetStatus("web"); });
    stray::Go("setter", [] { manager.SetStatus("db"); });
    stray::AwaitParked(WaitReason::kSyncRWMutexLock, &manager.mutex());
  });
}
