// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_11298.cc: that it is aborted is kept under the mutex, so that it counts whenever it
// happens.
//
// link: runtime
// modes: gcc-O2
#include <stray/channel.h>
#include <stray/cond.h>
#include <stray/go.h>
#include <stray/mutex.h>

#include <mutex>

#include "tests/support/parked.h"

using stray::Chan;
using stray::Unit;

class Service {
 public:
  void Serve(Chan<Unit> abort) {
    auto helper_done = stray::MakeChan<Unit>();
    stray::Go("helper", [this, helper_done] {
      AwaitChange();
      helper_done.Close();
    });
    abort.Recv();
    {
      std::lock_guard guard(mutex_);
      is_aborted_ = true;
    }
    changed_.Signal();
    signalled_.Reach();
    helper_done.Recv();
  }

 private:
  void AwaitChange() {
    signalled_.Await();
    std::lock_guard guard(mutex_);
    changed_.Wait([this] { return is_aborted_; });
  }

  stray::Mutex mutex_;
  stray::Cond changed_{mutex_};
  stray::Milestone signalled_;
  bool is_aborted_ = false;
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(1);
    static Service service;
    auto abort = stray::MakeChan<Unit>(), done = stray::MakeChan<Unit>();
    stray::Go("service", [abort, done] {
      service.Serve(abort);
      done.Close();
    });
    abort.Close();
    done.Recv();
  });
}
