// SPDX-License-Identifier: Apache-2.0
// kernel_moby_30408.cc: the activation of a plugin fails; who waits for it asks for a manifest only, and is not
// signalled either. After a kernel of GoBench (CGO 2021).
//
//   waiter                       main
//   Wait for a manifest          .
//   .                            Activate: error, no signal
//   .                            Recv done
//
// link: runtime
// modes: gcc-O2 static-tsan
// exit: 2
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
  }
  void AwaitActive() {
    std::lock_guard guard(mutex_);
    active_.Wait([this] { return manifest_ != nullptr; });
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
    stray::SetMaxProcs(1);  // the stacks on standard error are the same every time
    static Plugin plugin;
    auto done = stray::MakeChan<stray::Unit>();
    stray::Go("waiter", [done] {
      plugin.AwaitActive();
      done.Close();
    });
    plugin.AwaitWaiter();
    plugin.Activate();
    done.Recv();  // want deadlock.all x1: main waits in chan receive .* "waiter" waits in sync.Cond.Wait
  });
}
