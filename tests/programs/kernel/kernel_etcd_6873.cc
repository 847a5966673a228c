// SPDX-License-Identifier: Apache-2.0
// kernel_etcd_6873.cc: who stops waits for the worker with the mutex locked, and the worker wants that mutex
// for the last update. After a kernel of GoBench (CGO 2021).
//
//   worker                   stopper
//   receive an update        .
//   .                        Stop: Lock
//   .                          Close updates, Recv done     waits for the worker
//   Coalesce: Lock           .                              waits for the stopper
//
// link: runtime
// modes: gcc-O2
// flags: --prove --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>

#include <memory>
#include <mutex>

#include "tests/support/parked.h"

using stray::WaitReason;

class Broadcasts {
 public:
  void Run() {
    for (const int update : updates_) Coalesce(update);
    done_.Close();
  }
  void Send(int update) { updates_.Send(update); }
  void Stop() {
    std::lock_guard guard(mutex_);
    updates_.Close();
    // want deadlock.cycle x1: "stopper" .*\[chan receive\]
    done_.Recv();
  }
  const stray::Mutex& mutex() const { return mutex_; }

 private:
  void Coalesce(int update) {
    stray::AwaitParked(WaitReason::kChanReceive, done_.get());
    std::lock_guard guard(mutex_);
    sum_ += update;
  }

  stray::Mutex mutex_;
  stray::Chan<int> updates_ = stray::MakeChan<int>(1);
  stray::Chan<stray::Unit> done_ = stray::MakeChan<stray::Unit>();
  int sum_ = 0;
};

int main() {
  return stray::Main([] {
    auto broadcasts = std::make_shared<Broadcasts>();
    broadcasts->Send(1);
    stray::Go("worker", [broadcasts] { broadcasts->Run(); });
    stray::Go("stopper", [broadcasts] { broadcasts->Stop(); });
    stray::AwaitParked(WaitReason::kSyncMutexLock, &broadcasts->mutex());
  });
}
