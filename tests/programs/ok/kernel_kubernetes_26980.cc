// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_26980.cc: the listener gives its lock back before it waits.
//
// link: runtime
// modes: gcc-O2
#include <stray/channel.h>
#include <stray/cond.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/select.h>
#include <stray/wait_group.h>

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
    {
      std::lock_guard guard(mutex_);
      changed_.Wait([this] { return !pending_.empty(); });
    }
    stray::Select(stray::OnRecv(stop));
  }

 private:
  stray::RWMutex mutex_;
  stray::Cond changed_{mutex_};
  std::vector<int> pending_;
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(1);
    Listener listener;
    auto stop = stray::MakeChan<Unit>(), added = stray::MakeChan<Unit>();
    stray::WaitGroup both;
    both.Go("popper", [&listener, stop] { listener.Pop(stop); });
    listener.Add(1);
    stray::AwaitParked(stray::WaitReason::kRuntimeSelect, stop.get());
    both.Go("adder", [&listener, added] {
      listener.Add(2);
      added.Close();
    });
    added.Recv();
    stop.Close();
    both.Wait();
  });
}
