// SPDX-License-Identifier: Apache-2.0
// kernel_moby_28462.cc: a change of state stops the health monitor with the container's lock held; the monitor
// is in a probe that needs the lock. After a kernel of GoBench (CGO 2021).
//
//   monitor              changer
//   Probe                .
//   .                    Lock
//   .                    Send stop     waits for the monitor
//   .  Lock              .             waits for the changer
//
// link: runtime
// modes: gcc-O2
// flags: --prove --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/select.h>

#include <memory>
#include <mutex>

#include "tests/support/parked.h"

using stray::WaitReason;

class Container {
 public:
  void Monitor() {
    for (bool stopped = false; !stopped;) {
      stray::Select(stray::OnRecv(stop_, [&stopped](auto) { stopped = true; }),
                    stray::OnDefault([this] { Probe(); }));
    }
  }
  void ChangeState() {
    probing_.Await();
    std::lock_guard guard(mutex_);
    is_running_ = false;
    // want deadlock.cycle x1: "changer" .*\[chan send\]
    stop_.Send({});
  }
  const stray::Mutex& mutex() const { return mutex_; }

 private:
  void Probe() {
    probing_.Reach();
    stray::AwaitParked(WaitReason::kChanSend, stop_.get());
    std::lock_guard guard(mutex_);
    is_healthy_ = is_running_;
  }

  stray::Mutex mutex_;
  stray::Chan<stray::Unit> stop_ = stray::MakeChan<stray::Unit>();
  stray::Milestone probing_;
  bool is_running_ = true;
  bool is_healthy_ = true;
};

int main() {
  return stray::Main([] {
    auto container = std::make_shared<Container>();
    stray::Go("monitor", [container] { container->Monitor(); });
    stray::Go("changer", [container] { container->ChangeState(); });
    stray::AwaitParked(WaitReason::kSyncMutexLock, &container->mutex());
  });
}
