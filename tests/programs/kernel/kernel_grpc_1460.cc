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
// flags: --prove --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>

#include <memory>
#include <mutex>

#include "tests/support/parked.h"

using stray::WaitReason;

class Transport {
 public:
  void KeepAlive() {
    std::lock_guard guard(mutex_);
    if (streams_ == 0) {
      // want deadlock.cycle x1: "keepalive" .*\[chan receive\]
      awake_.Recv();
    }
    ++pings_;
  }
  void NewStream() {
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
    auto transport = std::make_shared<Transport>();
    stray::Go("keepalive", [transport] { transport->KeepAlive(); });
    transport->AwaitAsleep();
    stray::Go("creator", [transport] { transport->NewStream(); });
    stray::AwaitParked(WaitReason::kSyncMutexLock, &transport->mutex());
  });
}
