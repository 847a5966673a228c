// SPDX-License-Identifier: Apache-2.0
// kernel_moby_28462.cc: the stop channel is closed, for which nobody has to wait.
//
// link: runtime
// modes: gcc-O2
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/select.h>
#include <stray/wait_group.h>

#include <mutex>

#include "tests/support/parked.h"

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
    stop_.Close();
    closed_.Reach();
  }

 private:
  void Probe() {
    probing_.Reach();
    closed_.Await();
    std::lock_guard guard(mutex_);
    is_healthy_ = is_running_;
  }

  stray::Mutex mutex_;
  stray::Chan<stray::Unit> stop_ = stray::MakeChan<stray::Unit>();
  stray::Milestone probing_, closed_;
  bool is_running_ = true;
  bool is_healthy_ = true;
};

int main() {
  return stray::Main([] {
    Container container;
    stray::WaitGroup both;
    both.Go("monitor", [&container] { container.Monitor(); });
    both.Go("changer", [&container] { container.ChangeState(); });
    both.Wait();
  });
}
