// SPDX-License-Identifier: Apache-2.0
// kernel_etcd_7902.cc: who takes part in an election waits for the end of the round with its mutex locked; only
// the leader ends it, and nobody sees himself as the leader, as all look at the loop variable, which has gone
// on. After a kernel of GoBench (CGO 2021).
//
//   candidates             waiter
//   Lock, Recv next        .         one of them
//   Lock                   .         the others
//   .                      Wait
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>

#include "tests/support/parked.h"

using stray::WaitReason;

class Election {
 public:
  static constexpr int kLeader = 0;
  static constexpr int kCandidates = 3;

  void Start() {
    for (current_ = 0; current_ < kCandidates; ++current_) {
      all_.Go("candidate", [this] {
        started_.Await();
        TakePart(current_);
      });
    }
    started_.Reach();
  }
  // want leak.blocked x1: "waiter" waits in sync.WaitGroup.Wait
  void Wait() { all_.Wait(); }
  void AwaitAllParked() {
    stray::AwaitParked(WaitReason::kChanReceive, next_.get());
    stray::AwaitParked(WaitReason::kSyncMutexLock, &mutex_, kCandidates - 1);
    stray::AwaitParked(WaitReason::kSyncWaitGroupWait, &all_);
  }

 private:
  void TakePart(int candidate) {
    // behind leak.blocked x2: "candidate" blocked \[sync.Mutex.Lock\]
    std::lock_guard guard(mutex_);
    if (candidate == kLeader) next_.Close();
    next_.Recv();  // want leak.blocked x1: "candidate" waits in chan receive
  }

  stray::Mutex mutex_;
  stray::WaitGroup all_;
  stray::Chan<stray::Unit> next_ = stray::MakeChan<stray::Unit>();
  stray::Milestone started_;
  int current_ = 0;
};

int main() {
  return stray::Main([] {
    static Election election;
    election.Start();
    stray::Go("waiter", [] { election.Wait(); });
    election.AwaitAllParked();
  });
}
