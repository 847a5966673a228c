// SPDX-License-Identifier: Apache-2.0
// kernel_serving_2137.cc: both mutexes are unlocked before either request is waited for.
//
// link: runtime
// modes: gcc-O2
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>

#include "tests/support/parked.h"

using stray::Unit;
using stray::WaitReason;

class Breaker {
 public:
  template <typename F>
  bool Maybe(F f) {
    if (!pending_.TrySend({})) return false;
    active_.Send({});
    f();
    active_.Recv();
    pending_.Recv();
    return true;
  }
  void AwaitFull() const { stray::AwaitParked(WaitReason::kChanSend, active_.get()); }

 private:
  stray::Chan<Unit> pending_ = stray::MakeChan<Unit>(2);
  stray::Chan<Unit> active_ = stray::MakeChan<Unit>(1);
};

static Breaker breaker;

struct Request {
  stray::Mutex mutex;
  stray::Chan<bool> accepted = stray::MakeChan<bool>(1);

  void Start(const char* name) {
    mutex.Lock();
    stray::Go(name, [this] {
      accepted.Send(breaker.Maybe([this] {
        mutex.Lock();
        mutex.Unlock();
      }));
    });
  }
  void Release() { mutex.Unlock(); }
  bool Finish() { return accepted.Recv().value(); }
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(1);
    static Request first, second;
    first.Start("first");
    stray::AwaitParked(WaitReason::kSyncMutexLock, &first.mutex);
    second.Start("second");
    breaker.AwaitFull();
    second.Release();
    first.Release();
    second.Finish();
    first.Finish();
  });
}
