// SPDX-License-Identifier: Apache-2.0
// kernel_etcd_6873.cc: who stops gives the mutex back before it waits for the worker.
//
// link: runtime
// modes: gcc-O2
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>

#include "tests/support/parked.h"

class Broadcasts {
 public:
  void Run() {
    for (const int update : updates_) Coalesce(update);
    done_.Close();
  }
  void Send(int update) { updates_.Send(update); }
  void Stop() {
    {
      std::lock_guard guard(mutex_);
      updates_.Close();
    }
    done_.Recv();
  }

 private:
  void Coalesce(int update) {
    stray::AwaitParked(stray::WaitReason::kChanReceive, done_.get());
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
    Broadcasts broadcasts;
    broadcasts.Send(1);
    stray::WaitGroup both;
    both.Go("worker", [&broadcasts] { broadcasts.Run(); });
    both.Go("stopper", [&broadcasts] { broadcasts.Stop(); });
    both.Wait();
  });
}
