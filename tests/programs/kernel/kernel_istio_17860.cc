// SPDX-License-Identifier: Apache-2.0
// kernel_istio_17860.cc: the agent's loop ends when no epoch is active; one that a later restart begins tells
// its end to nobody. After a kernel of GoBench (CGO 2021).
//
//   agent                     first epoch      main         second epoch
//   Select: status, done      .                Restart      .
//   .                         Send status      .            .
//   none is active: return    .                .            .
//   .                         .                Restart      .
//   .                         .                .            Send status     no receiver
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/context.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/select.h>
#include <stray/wait_group.h>

#include <map>
#include <mutex>
#include <string>

#include "tests/support/parked.h"

class Agent {
 public:
  void Restart(const std::string& config) {
    std::lock_guard guard(mutex_);
    const int epoch = next_epoch_++;
    active_[epoch] = config;
    // want leak.blocked x1: "epoch" waits in chan send .* "agent" at .*, which has ended since
    stray::Go("epoch", [this, epoch] { status_.Send(epoch); });
  }
  void Run(const stray::Context& context) {
    for (bool done = false; !done;) {
      stray::Select(stray::OnRecv(status_, [&](std::optional<int> epoch) { done = NoneIsLeftAfter(*epoch); }),
                    stray::OnRecv(context.Done(), [&done](auto) { done = true; }));
    }
  }
  void AwaitUnheard() const { stray::AwaitParked(stray::WaitReason::kChanSend, status_.get()); }

 private:
  bool NoneIsLeftAfter(int epoch) {
    std::lock_guard guard(mutex_);
    active_.erase(epoch);
    return active_.empty();
  }

  stray::Mutex mutex_;
  std::map<int, std::string> active_;
  int next_epoch_ = 0;
  stray::Chan<int> status_ = stray::MakeChan<int>();
};

int main() {
  return stray::Main([] {
    static Agent agent;
    auto [context, cancel] = stray::WithCancel(stray::Background());
    stray::WaitGroup running;
    running.Go("agent", [context = context] { agent.Run(context); });
    agent.Restart("one");
    running.Wait();
    agent.Restart("two");
    agent.AwaitUnheard();
    cancel();
  });
}
