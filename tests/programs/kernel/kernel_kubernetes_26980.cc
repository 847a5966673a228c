// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_26980.cc: a listener waits for its stop with the lock held that is needed to add to it, and
// main would stop it only when all is added. After a kernel of GoBench (CGO 2021).
//
//   popper                 adder           main
//   Lock                   .               .
//   Select: stop           .               .             waits for main
//   .                      Add: Lock       .             waits for the popper
//   .                      .               Recv added    waits for the adder
//
// link: runtime
// flags: --prove
// modes: gcc-O2
// exit: 2
#include <stray/channel.h>
#include <stray/cond.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/select.h>

#include <memory>
#include <mutex>
#include <vector>

#include "tests/support/parked.h"

using stray::Chan;
using stray::Unit;

class Listener {
 public:
  void Add(int notice) {
    std::lock_guard guard(mutex_);
    pending_.push_back(notice);
    changed_.Broadcast();
  }
  void Pop(Chan<Unit> stop) {
    std::lock_guard guard(mutex_);
    changed_.Wait([this] { return !pending_.empty(); });
    stray::Select(stray::OnRecv(stop));  // maybe deadlock.cycle x1: "popper" .*\[select\]
  }

 private:
  stray::RWMutex mutex_;
  stray::Cond changed_{mutex_};
  std::vector<int> pending_;
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(1);  // the stacks on standard error are the same every time
    auto listener = std::make_shared<Listener>();
    auto stop = stray::MakeChan<Unit>(), added = stray::MakeChan<Unit>();
    stray::Go("popper", [stop, listener] { listener->Pop(stop); });
    listener->Add(1);
    stray::AwaitParked(stray::WaitReason::kRuntimeSelect, stop.get());
    stray::Go("adder", [added, listener] {
      listener->Add(2);
      added.Close();
    });
    added.Recv();  // want deadlock.all x1: main waits in chan receive .* "popper" waits in select .* "adder"
                   // waits
    stop.Close();
  });
}
