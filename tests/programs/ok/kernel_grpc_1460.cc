// SPDX-License-Identifier: Apache-2.0
// kernel_grpc_1460.cc: keepalive gives the mutex back while it sleeps.
//
// link: runtime
// modes: gcc-O2
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>

#include "tests/support/parked.h"

class Transport {
 public:
  void KeepAlive() {
    std::unique_lock guard(mutex_);
    if (streams_ == 0) {
      guard.unlock();
      awake_.Recv();
      guard.lock();
    }
    ++pings_;
  }
  void NewStream() {
    std::lock_guard guard(mutex_);
    if (++streams_ == 1) awake_.TrySend({});
  }
  void AwaitAsleep() const { stray::AwaitParked(stray::WaitReason::kChanReceive, awake_.get()); }

 private:
  stray::Mutex mutex_;
  stray::Chan<stray::Unit> awake_ = stray::MakeChan<stray::Unit>();
  int streams_ = 0;
  int pings_ = 0;
};

int main() {
  return stray::Main([] {
    Transport transport;
    stray::WaitGroup both;
    both.Go("keepalive", [&transport] { transport.KeepAlive(); });
    transport.AwaitAsleep();
    both.Go("creator", [&transport] { transport.NewStream(); });
    both.Wait();
  });
}
