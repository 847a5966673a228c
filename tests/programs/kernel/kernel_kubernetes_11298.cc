// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_11298.cc: who aborts a service signals its helper once, and the signal comes before the
// helper waits: the service waits for the helper, and main for the service. After a kernel of GoBench (CGO
// 2021).
//
//   helper          service               main
//   .               Recv abort            .
//   .               Signal                Close abort
//   Wait            Recv helper done      Recv done
//
// link: runtime
// modes: gcc-O2
// exit: 2
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
    changed_.Signal();
    signalled_.Reach();
    helper_done.Recv();
  }

 private:
  void AwaitChange() {
    std::lock_guard guard(mutex_);
    signalled_.Await();
    changed_.Wait();
  }

  stray::Mutex mutex_;
  stray::Cond changed_{mutex_};
  stray::Milestone signalled_;
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(1);  // the stacks on standard error are the same every time
    static Service service;
    auto abort = stray::MakeChan<Unit>(), done = stray::MakeChan<Unit>();
    stray::Go("service", [abort, done] {
      service.Serve(abort);
      done.Close();
    });
    abort.Close();
    done.Recv();  // want deadlock.all x1: main waits in chan receive .* "helper" waits in sync.Cond.Wait
  });
}
