// SPDX-License-Identifier: Apache-2.0
// kernel_grpc_795.cc: a graceful stop unlocks on both of its paths.
//
// link: runtime
// modes: gcc-O2
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

class Server {
 public:
  void Serve() {
    mutex_.Lock();
    serving_ = true;
    mutex_.Unlock();
  }
  void GracefulStop() {
    mutex_.Lock();
    if (stopped_) {
      mutex_.Unlock();
      return;
    }
    stopped_ = true;
    mutex_.Unlock();
  }

 private:
  stray::Mutex mutex_;
  bool serving_ = false;
  bool stopped_ = false;
};

int main() {
  return stray::Main([] {
    Server server;
    server.GracefulStop();
    stray::WaitGroup serving;
    serving.Go("server", [&server] { server.Serve(); });
    server.GracefulStop();
    serving.Wait();
  });
}
