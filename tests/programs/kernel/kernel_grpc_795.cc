// SPDX-License-Identifier: Apache-2.0
// kernel_grpc_795.cc: a graceful stop returns with the server's mutex locked, so the second one waits for ever,
// and so does who serves. After a kernel of GoBench (CGO 2021).
//
//   main                  server
//   GracefulStop: Lock    .
//   .                     Serve: Lock
//   GracefulStop: Lock    .              itself has it
//
// link: runtime
// modes: gcc-O2
// exit: 2
#include <stray/go.h>
#include <stray/mutex.h>

#include "tests/support/parked.h"

class Server {
 public:
  void Serve() {
    mutex_.Lock();  // want deadlock.all x1: main waits for mutex .* "server" waits for mutex
    serving_ = true;
    mutex_.Unlock();
  }
  void GracefulStop() {
    mutex_.Lock();  // want deadlock.self x1: Main waits .*, which it has locked itself before, at
    if (stopped_) {
      mutex_.Unlock();
      return;
    }
    stopped_ = true;  // and no Unlock on this path
  }
  const stray::Mutex& mutex() const { return mutex_; }

 private:
  stray::Mutex mutex_;
  bool serving_ = false;
  bool stopped_ = false;
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(1);  // the stacks on standard error are the same every time
    Server server;
    server.GracefulStop();
    stray::Go("server", [&server] { server.Serve(); });
    stray::AwaitParked(stray::WaitReason::kSyncMutexLock, &server.mutex());
    server.GracefulStop();
  });
}
