// SPDX-License-Identifier: Apache-2.0
// kernel_moby_30408.cc: an error ends the wait, too, and is announced.
//
// link: runtime
// modes: gcc-O2 static-tsan
#include <stray/channel.h>
#include <stray/cond.h>
#include <stray/error.h>
#include <stray/go.h>
#include <stray/mutex.h>

#include <memory>
#include <mutex>
#include <string>

#include "tests/support/parked.h"

class Plugin {
 public:
  void Activate() {
    std::lock_guard guard(mutex_);
    error_ = stray::Error("it does not answer");
    active_.Broadcast();
  }
  void AwaitActive() {
    std::lock_guard guard(mutex_);
    active_.Wait([this] { return manifest_ != nullptr || error_; });
  }
  void AwaitWaiter() const { stray::AwaitParked(stray::WaitReason::kSyncCondWait, &active_); }

 private:
  stray::Mutex mutex_;
  stray::Cond active_{mutex_};
  std::unique_ptr<std::string> manifest_;
  stray::Error error_;
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(1);
    static Plugin plugin;
    auto done = stray::MakeChan<stray::Unit>();
    stray::Go("waiter", [done] {
      plugin.AwaitActive();
      done.Close();
    });
    plugin.AwaitWaiter();
    plugin.Activate();
    done.Recv();
  });
}
