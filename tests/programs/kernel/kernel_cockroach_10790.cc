// SPDX-License-Identifier: Apache-2.0
// kernel_cockroach_10790.cc: a command that is cancelled leaves a helper behind that drains the channels it
// waited for; but who would have closed them is cancelled, too. After a kernel of GoBench (CGO 2021).
//
//   command                       earlier                    drainer
//   Select: earlier done, ctx     Select: applied, ctx       .
//   cancelled: Go drainer         cancelled: return          .
//   .                             .                          Recv earlier done
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
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
    // want leak.blocked x1: "drainer" waits in chan receive
    if (!begun) stray::Go("drainer", [this] { earlier_done_.Recv(); });
    return begun;
  }
  void RunEarlier(const Context& context) {
    bool applied = false;
    stray::Select(stray::OnRecv(applied_, [&applied](auto) { applied = true; }), stray::OnRecv(context.Done()));
    if (applied) earlier_done_.Close();
  }
  void AwaitDrainer() const { stray::AwaitParked(stray::WaitReason::kChanReceive, earlier_done_.get()); }

 private:
  Chan<Unit> earlier_done_ = stray::MakeChan<Unit>(), applied_ = stray::MakeChan<Unit>();
};

int main() {
  return stray::Main([] {
    static CommandQueue queue;
    auto [context, cancel] = stray::WithCancel(stray::Background());
    stray::WaitGroup both;
    both.Go("earlier", [context = context] { queue.RunEarlier(context); });
    both.Go("command", [context = context] { queue.Begin(context); });
    stray::AwaitParked(stray::WaitReason::kRuntimeSelect, nullptr, 2);
    cancel();
    both.Wait();
    queue.AwaitDrainer();
  });
}
