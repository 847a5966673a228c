// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_25331.cc: there is room for the error, and it is sent before all leave.
//
// link: runtime
// modes: gcc-O2
#include <stray/channel.h>
#include <stray/context.h>
#include <stray/error.h>
#include <stray/go.h>
#include <stray/wait_group.h>

class Watch {
 public:
  Watch() {
    auto made = stray::WithCancel(stray::Background());
    context_ = made.context;
    cancel_ = made.cancel;
  }
  void Run() { Fail(stray::Error("the watched range is too old")); }
  void AwaitStopped() const { context_.Done().Recv(); }

 private:
  void Fail(stray::Error error) {
    errors_.Send(std::move(error));
    cancel_();
  }

  stray::Context context_;
  stray::CancelFunc cancel_;
  stray::Chan<stray::Error> errors_ = stray::MakeChan<stray::Error>(1);
};

int main() {
  return stray::Main([] {
    Watch watch;
    stray::WaitGroup running;
    running.Go("watch", [&watch] { watch.Run(); });
    watch.AwaitStopped();
    running.Wait();
  });
}
