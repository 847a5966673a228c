// SPDX-License-Identifier: Apache-2.0
// kernel_cockroach_584.cc: the loop unlocks on its way out.
//
// link: runtime
// modes: gcc-O2
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>

class Gossip {
 public:
  void Run() {
    Bootstrap();
    Manage();
  }
  void Close() {
    std::lock_guard guard(mutex_);
    closed_ = true;
  }

 private:
  void Bootstrap() {
    for (;;) {
      mutex_.Lock();
      if (closed_) {
        mutex_.Unlock();
        break;
      }
      mutex_.Unlock();
      stray::Yield();
    }
  }
  void Manage() {
    mutex_.Lock();
    mutex_.Unlock();
  }

  stray::Mutex mutex_;
  bool closed_ = false;
};

static Gossip gossip;

int main() {
  return stray::Main([] {
    stray::WaitGroup running;
    running.Go("gossip", [] { gossip.Run(); });
    gossip.Close();
    running.Wait();
  });
}
