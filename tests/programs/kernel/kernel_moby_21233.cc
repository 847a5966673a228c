// SPDX-License-Identifier: Apache-2.0
// kernel_moby_21233.cc: the consumer of progress quits early; the producers stay in their sends, and who
// releases the transfer waits for one of them. After a kernel of GoBench (CGO 2021), in which it quits at
// random, here always.
//
//   producer (3)        consumer              releaser
//   Send progress       Recv, quit            .
//   Send progress       .                     Recv done        for ever
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>

#include <mutex>

#include "tests/support/parked.h"

using stray::Unit;
using stray::WaitReason;

class Transfer {
 public:
  static constexpr int kLayers = 3;

  void Start() {
    for (int layer = 0; layer < kLayers; ++layer) {
      stray::Go("producer", [this, layer] {
        for (int percent = 0; percent <= 100; percent += 25) {
          progress_.Send(percent);  // want leak.blocked x3: 3 goroutines wait in chan send
        }
        if (layer == 0) first_done_.Close();
      });
    }
  }
  // Until `enough` is seen.
  void Watch(int enough) {
    for (const int percent : progress_) {
      std::lock_guard guard(mutex_);
      shown_ = percent;
      if (percent >= enough) break;
    }
  }
  void Release() {
    first_done_.Recv();  // want leak.blocked x1: "releaser" waits in chan receive
  }
  void AwaitAllParked() const {
    stray::AwaitParked(WaitReason::kChanSend, progress_.get(), kLayers);
    stray::AwaitParked(WaitReason::kChanReceive, first_done_.get());
  }

 private:
  stray::Mutex mutex_;
  int shown_ = 0;
  stray::Chan<int> progress_ = stray::MakeChan<int>();
  stray::Chan<Unit> first_done_ = stray::MakeChan<Unit>();
};

int main() {
  return stray::Main([] {
    static Transfer transfer;
    transfer.Start();
    stray::Go("consumer", [] { transfer.Watch(0); });
    stray::Go("releaser", [] { transfer.Release(); });
    transfer.AwaitAllParked();
  });
}
