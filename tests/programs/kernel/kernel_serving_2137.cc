// SPDX-License-Identifier: Apache-2.0
// kernel_serving_2137.cc: a breaker lets one request through at a time. The one that is in waits for a mutex
// that main unlocks later; main first waits for the other one. After a kernel of GoBench (CGO 2021).
//
//   first                 second             main
//   .                     .                  Lock first, Lock second
//   take the slot         .                  .
//   Lock first            .                  .                         waits for main
//   .                     take the slot      .                         waits for the first
//   .                     .                  Unlock second
//   .                     .                  Recv accepted             waits for the second
//
// link: runtime
// modes: gcc-O2
// exit: 2
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
        mutex.Lock();  // missed(#5) deadlock.cycle: "first" .*\[sync.Mutex.Lock\]
        mutex.Unlock();
      }));
    });
  }
  bool Finish() {
    mutex.Unlock();
    // want deadlock.all x1: main waits in chan receive .* "first" waits for mutex .* "second" waits in chan
    // send
    return accepted.Recv().value();
  }
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(1);  // the stacks on standard error are the same every time
    static Request first, second;
    first.Start("first");
    stray::AwaitParked(WaitReason::kSyncMutexLock, &first.mutex);
    second.Start("second");
    breaker.AwaitFull();
    second.Finish();
    first.Finish();
  });
}
