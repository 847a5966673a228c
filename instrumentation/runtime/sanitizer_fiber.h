// SPDX-License-Identifier: Apache-2.0
// sanitizer_fiber.h: the fibers by which ThreadSanitizer knows who does what. Each goroutine has one. What the
// runtime does in another's place, or for nobody, is done in another fiber than the calling task's, so that the
// caller neither comes after nor before it. Without TSan all of this does nothing.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_SANITIZER_FIBER_H_
#define STRAY_INSTRUMENTATION_RUNTIME_SANITIZER_FIBER_H_

#include "instrumentation/runtime/task.h"
#include "instrumentation/tsan/fibers.h"

namespace stray::runtime {

// A fiber that the calling task creates. Its name is goroutine 5 "worker", or goroutine 5: so the sanitizer's
// reports call it as ours do, and analyzer/load/adopt_reports.h knows it again. Only where there is a TSan.
void* MakeSanitizerFiber(Task* task);

// While it lives, TSan takes what is done for the doings of `task`, which stands still, and goes on only after.
class InPlaceOf {
 public:
  explicit InPlaceOf(const Task* task) {
    if (tsan::HasTsan()) [[unlikely]]
      Begin(task->sanitizer_fiber);
  }
  ~InPlaceOf() {
    if (before_ != nullptr) [[unlikely]]
      End();
  }
  InPlaceOf(const InPlaceOf&) = delete;
  InPlaceOf& operator=(const InPlaceOf&) = delete;

 private:
  void Begin(void* fiber);
  void End();

  void* before_ = nullptr;
};

// A thread has no fiber that others could use while it sleeps. While this lives, it has one that comes after
// the thread, and that the thread comes after only by an edge of its own. Around the wait of a thread for which
// others may act; nothing for a goroutine.
class ThreadStandIn {
 public:
  explicit ThreadStandIn(Task* task) : task_(task) {
    if (tsan::HasTsan() && !task->is_goroutine()) [[unlikely]]
      Begin();
  }
  ~ThreadStandIn() {
    if (fiber_ != nullptr) [[unlikely]]
      End();
  }
  ThreadStandIn(const ThreadStandIn&) = delete;
  ThreadStandIn& operator=(const ThreadStandIn&) = delete;

 private:
  void Begin();
  void End();

  Task* task_;
  void* fiber_ = nullptr;
};

// While it lives, what is done is nobody's: it comes after nothing but the start of the program and what is
// acquired meanwhile, and the calling task does not come after it. Its accesses to memory are not looked at.
class NobodyScope {
 public:
  NobodyScope() {
    if (tsan::HasTsan()) [[unlikely]]
      Begin();
  }
  ~NobodyScope() {
    if (fiber_ != nullptr) [[unlikely]]
      End();
  }
  NobodyScope(const NobodyScope&) = delete;
  NobodyScope& operator=(const NobodyScope&) = delete;

 private:
  void Begin();
  void End();

  void* fiber_ = nullptr;
  void* before_ = nullptr;
};

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_SANITIZER_FIBER_H_
