// SPDX-License-Identifier: Apache-2.0
// kernel_etcd_7902.cc: each candidate has its own number, and nobody waits with the mutex locked.
//
// link: runtime
// modes: gcc-O2
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>

#include "tests/support/parked.h"

class Election {
 public:
  static constexpr int kLeader = 0;
  static constexpr int kCandidates = 3;

  void Start() {
    for (int current = 0; current < kCandidates; ++current) {
      all_.Go("candidate", [this, current] {
        started_.Await();
        TakePart(current);
      });
    }
    started_.Reach();
  }
  void Wait() { all_.Wait(); }

 private:
  void TakePart(int candidate) {
    {
      std::lock_guard guard(mutex_);
      if (candidate == kLeader) next_.Close();
    }
    next_.Recv();
  }

  stray::Mutex mutex_;
  stray::WaitGroup all_;
  stray::Chan<stray::Unit> next_ = stray::MakeChan<stray::Unit>();
  stray::Milestone started_;
};

int main() {
  return stray::Main([] {
    Election election;
    election.Start();
    stray::WaitGroup waiter;
    waiter.Go("waiter", [&election] { election.Wait(); });
    waiter.Wait();
  });
}
