// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_25331.cc: after an error a watch cancels its context, upon which all leave, and then sends
// the error to nobody. After a kernel of GoBench (CGO 2021).
//
//   watch                 main
//   cancel                Recv Done
//   Send the error        return
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/context.h>
#include <stray/error.h>
#include <stray/go.h>

#include "tests/support/parked.h"

class Watch {
 public:
  Watch() {
    auto made = stray::WithCancel(stray::Background());
    context_ = made.context;
    cancel_ = made.cancel;
  }
  void Run() { Fail(stray::Error("the watched range is too old")); }
  void AwaitStopped() const { context_.Done().Recv(); }
  void AwaitUnheard() const { stray::AwaitParked(stray::WaitReason::kChanSend, errors_.get()); }

 private:
  void Fail(stray::Error error) {
    cancel_();
    errors_.Send(std::move(error));  // want leak.blocked x1: "watch" waits in chan send
  }

  stray::Context context_;
  stray::CancelFunc cancel_;
  stray::Chan<stray::Error> errors_ = stray::MakeChan<stray::Error>();
};

int main() {
  return stray::Main([] {
    static Watch watch;
    stray::Go("watch", [] { watch.Run(); });
    watch.AwaitStopped();
    watch.AwaitUnheard();
  });
}
