// SPDX-License-Identifier: Apache-2.0
// parked.h: for tests of the runtime: waits until tasks really wait, or until something has happened, and runs
// something as a goroutine.
#ifndef STRAY_TESTS_SUPPORT_PARKED_H_
#define STRAY_TESTS_SUPPORT_PARKED_H_

#include <atomic>
#include <utility>

#include "instrumentation/runtime/scheduler.h"
#include "instrumentation/runtime/wait_reason.h"
#include "stray/channel.h"
#include "stray/go.h"

namespace stray {

using runtime::WaitReason;

// How many tasks are parked on `object` for `reason`.
inline int CountParked(WaitReason reason, const void* object) {
  struct Count {
    WaitReason reason;
    const void* object;
    int parked = 0;
  } count{reason, object};
  runtime::Scheduler::ForEachTask(
      [](runtime::Task* task, void* argument) {
        auto* wanted = static_cast<Count*>(argument);
        if (task->record.id.load() != 0 && task->state() == runtime::TaskState::kWaiting &&
            task->record.wait_reason == static_cast<uint16_t>(wanted->reason) &&
            task->record.wait_object == wanted->object) {
          ++wanted->parked;
        }
      },
      &count);
  return count.parked;
}

// Until at least so many are. They are in the queue then: a task is parked with the object's lock held.
inline void AwaitParked(WaitReason reason, const void* object, int tasks = 1) {
  while (CountParked(reason, object) < tasks) Yield();
}

// How often something has happened. Who waits for it yields, so that it works on one processor, too.
// TSan sees it: in programs about races it would order what it must not.
class Milestone {
 public:
  void Reach() { ++reached_; }
  bool IsReached() const { return reached_ > 0; }
  void Await(int times = 1) const {
    while (reached_ < times) Yield();
  }

 private:
  std::atomic<int> reached_{0};
};

// Calls `f` in a goroutine, and waits for its end.
template <typename F>
void InGoroutine(F f) {
  auto done = MakeChan<Unit>();
  Go([&f, done] {
    f();
    done.Send({});
  });
  done.Recv();
}

}  // namespace stray

#endif  // STRAY_TESTS_SUPPORT_PARKED_H_
