// SPDX-License-Identifier: Apache-2.0
// kernel_serving_3068.cc: Wait of a pool closes the channel of its work, once the feeder has submitted all of
// it.
//
// GoBench (CGO 2021): serving_3068.
//
// link: runtime
// modes: gcc-O2 static-tsan
#include <stray/stray.h>

#include <functional>

#include "tests/support/order.h"

static Gate submitted;

class Pool {
 public:
  using Work = std::function<bool()>;

  Pool(int workers, size_t capacity) : work_(stray::MakeChan<Work>(capacity)) {
    for (int i = 0; i < workers; ++i) {
      workers_.Go("worker", [this] {
        for (const Work& work : work_) {
          if (!work()) failed_once_.Do([this] { has_failed_.Store(true); });
        }
      });
    }
  }
  void Submit(Work work) { work_.Send(std::move(work)); }
  // True if all went well. There is no more work.
  bool Wait() {
    work_.Close();
    workers_.Wait();
    return !has_failed_.Load();
  }

 private:
  const stray::Chan<Work> work_;
  stray::WaitGroup workers_;
  stray::Once failed_once_;
  stray::Atomic<bool> has_failed_{false};
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    Pool pool(2, 2);
    stray::WaitGroup feeder;
    feeder.Go("feeder", [&] {
      pool.Submit([] { return true; });
      GateOpen(&submitted);
      pool.Submit([] { return true; });
    });
    GateAwait(&submitted);
    feeder.Wait();
    pool.Wait();
  });
}
