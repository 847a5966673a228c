// SPDX-License-Identifier: Apache-2.0
// kernel_cockroach_1055.cc: the stopper waits for all tasks with its mutex locked; the tasks wait for the stop,
// which comes after that wait. After a kernel of GoBench (CGO 2021).
//
//   task (3)             stopper              main
//   Add drain            .                    .
//   Recv stop            .                    .             waits for the stopper
//   .                    Lock, Wait drain     .             waits for the tasks
//   .                    .                    Recv done     waits for the stopper
//
// link: runtime
// flags: --prove
// modes: gcc-O2
// exit: 2
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <atomic>
#include <memory>
#include <mutex>

#include "tests/support/parked.h"

using stray::Unit;

class Stopper {
 public:
  bool StartTask() {
    std::lock_guard guard(mutex_);
    if (draining_.load()) return false;
    drain_.Add(1);
    return true;
  }
  void FinishTask() { drain_.Done(); }
  void AwaitStop() { stop_.Recv(); }
  void Stop() {
    std::lock_guard guard(mutex_);
    draining_ = true;
    drain_.Wait();  // maybe deadlock.cycle x1: "stopper" .*\[sync.WaitGroup.Wait\]
    stop_.Close();
  }
  void AwaitTasks(int tasks) const { stray::AwaitParked(stray::WaitReason::kChanReceive, stop_.get(), tasks); }

 private:
  stray::Mutex mutex_;
  std::atomic<bool> draining_{false};
  stray::WaitGroup drain_;
  stray::Chan<Unit> stop_ = stray::MakeChan<Unit>();
};

static void RunTask(Stopper& stopper) {
  if (!stopper.StartTask()) return;
  stopper.AwaitStop();
  stopper.FinishTask();
}

// In a function of its own, so that main has no pointer to the stopper left.
__attribute__((noinline)) static void StartAll(stray::Chan<Unit> done) {
  auto stopper = std::make_shared<Stopper>();
  for (int i = 0; i < 3; ++i) stray::Go("task", [stopper] { RunTask(*stopper); });
  stopper->AwaitTasks(3);
  stray::Go("stopper", [done, stopper] {
    stopper->Stop();
    done.Close();
  });
}

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(1);  // the stacks on standard error are the same every time
    auto done = stray::MakeChan<Unit>();
    StartAll(done);
    done.Recv();  // want deadlock.all x1: main waits in chan receive .* "stopper" waits in sync.WaitGroup.Wait
  });
}
