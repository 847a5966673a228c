// SPDX-License-Identifier: Apache-2.0
// kernel_cockroach_10790.cc: a command that is cancelled closes its channel as well.
//
// link: runtime
// modes: gcc-O2
#include <stray/channel.h>
#include <stray/context.h>
#include <stray/go.h>
#include <stray/select.h>
#include <stray/wait_group.h>

#include "tests/support/parked.h"

using stray::Chan;
using stray::Context;
using stray::Unit;

class CommandQueue {
 public:
  // Waits for the earlier command.
  bool Begin(const Context& context) {
    bool begun = false;
    stray::Select(stray::OnRecv(earlier_done_, [&begun](auto) { begun = true; }),
                  stray::OnRecv(context.Done()));
    if (!begun) drainers_.Go("drainer", [this] { earlier_done_.Recv(); });
    return begun;
  }
  void RunEarlier(const Context& context) {
    stray::Select(stray::OnRecv(applied_), stray::OnRecv(context.Done()));
    earlier_done_.Close();
  }
  void AwaitDrainers() { drainers_.Wait(); }

 private:
  Chan<Unit> earlier_done_ = stray::MakeChan<Unit>(), applied_ = stray::MakeChan<Unit>();
  stray::WaitGroup drainers_;
};

int main() {
  return stray::Main([] {
    CommandQueue queue;
    auto [context, cancel] = stray::WithCancel(stray::Background());
    stray::WaitGroup both;
    both.Go("earlier", [&queue, context = context] { queue.RunEarlier(context); });
    both.Go("command", [&queue, context = context] { queue.Begin(context); });
    stray::AwaitParked(stray::WaitReason::kRuntimeSelect, nullptr, 2);
    cancel();
    both.Wait();
    queue.AwaitDrainers();
  });
}
