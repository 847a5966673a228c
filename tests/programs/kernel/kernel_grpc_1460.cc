// SPDX-License-Identifier: Apache-2.0
// kernel_grpc_1460.cc: keepalive sleeps until a stream is made, with the mutex of the transport locked that is
// needed to make one. After a kernel of GoBench (CGO 2021).
//
//   keepalive          creator
//   Lock               .
//   Recv awake         .          waits for the creator
//   .                  Lock       waits for keepalive
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>

#include <mutex>

#include "tests/support/parked.h"

using stray::WaitReason;

class Transport {
 public:
  void KeepAlive() {
    std::lock_guard guard(mutex_);
    if (streams_ == 0) {
      // want leak.blocked x1: "keepalive" waits in chan receive
      // missed(#5) deadlock.cycle: "keepalive" .*\[chan receive\]
      awake_.Recv();
    }
    ++pings_;
  }
  void NewStream() {
    // want leak.blocked x1: "keepalive" locked it at .* and can never release it, as it waits
    std::lock_guard guard(mutex_);
    if (++streams_ == 1) awake_.TrySend({});
  }
  void AwaitAsleep() const { stray::AwaitParked(WaitReason::kChanReceive, awake_.get()); }
  const stray::Mutex& mutex() const { return mutex_; }

 private:
  stray::Mutex mutex_;
  stray::Chan<stray::Unit> awake_ = stray::MakeChan<stray::Unit>();
  int streams_ = 0;
  int pings_ = 0;
};

int main() {
  return stray::Main([] {
    static Transport transport;
    stray::Go("keepalive", [] { transport.KeepAlive(); });
    transport.AwaitAsleep();
    stray::Go("creator", [] { transport.NewStream(); });
    stray::AwaitParked(WaitReason::kSyncMutexLock, &transport.mutex());
  });
}
