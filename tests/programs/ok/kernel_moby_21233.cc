// SPDX-License-Identifier: Apache-2.0
// kernel_moby_21233.cc: the consumer that quits says so, and whoever sends looks at that, too.
//
// link: runtime
// modes: gcc-O2
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/select.h>
#include <stray/wait_group.h>

#include <mutex>

using stray::Unit;

class Transfer {
 public:
  static constexpr int kLayers = 3;

  void Start() {
    for (int layer = 0; layer < kLayers; ++layer) {
      producers_.Go("producer", [this, layer] {
        for (int percent = 0; percent <= 100; percent += 25) {
          stray::Select(stray::OnSend(progress_, percent), stray::OnRecv(unwatched_));
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
    unwatched_.Close();
  }
  void Release() { first_done_.Recv(); }
  void Wait() { producers_.Wait(); }

 private:
  stray::Mutex mutex_;
  int shown_ = 0;
  stray::WaitGroup producers_;
  stray::Chan<int> progress_ = stray::MakeChan<int>();
  stray::Chan<Unit> first_done_ = stray::MakeChan<Unit>(), unwatched_ = stray::MakeChan<Unit>();
};

int main() {
  return stray::Main([] {
    Transfer transfer;
    stray::WaitGroup both;
    transfer.Start();
    both.Go("consumer", [&transfer] { transfer.Watch(0); });
    both.Go("releaser", [&transfer] { transfer.Release(); });
    both.Wait();
    transfer.Wait();
  });
}
