// SPDX-License-Identifier: Apache-2.0
// goroutines.h: lets tests of the runtime run in goroutines, and see when another task stands still: that is
// the only way to know that it has entered a queue, since it can tell nobody afterwards.
#ifndef STRAY_TESTS_UNIT_INSTRUMENTATION_RUNTIME_GOROUTINES_H_
#define STRAY_TESTS_UNIT_INSTRUMENTATION_RUNTIME_GOROUTINES_H_

#include <gtest/gtest.h>
#include <stray/channel.h>
#include <stray/go.h>

#include <random>

#include "instrumentation/runtime/scheduler.h"

namespace stray::runtime {

// Runs `f` as a goroutine; the calling thread blocks until it has returned.
template <typename F>
void InGoroutine(F f) {
  const auto done = MakeChan<Unit>();
  Go([&f, done] {
    f();
    done.Close();
  });
  done.Recv();
}

template <typename Predicate>
size_t CountTasks(Predicate predicate) {
  struct Count {
    Predicate& predicate;
    size_t found = 0;
  } count{predicate};
  Scheduler::ForEachTask(
      [](Task* task, void* argument) {
        auto* counted = static_cast<Count*>(argument);
        if (task->record.id.load() != 0 && counted->predicate(*task)) ++counted->found;
      },
      &count);
  return count.found;
}

template <typename Channel>
size_t CountWaiters(const Channel& channel) {
  return CountTasks([&channel](const Task& task) {
    return task.state() == TaskState::kWaiting && task.record.wait_object == channel.get();
  });
}

// Returns once exactly `count` tasks wait for `channel`, not counting those in a select over several.
template <typename Channel>
void AwaitWaiters(const Channel& channel, size_t count) {
  while (CountWaiters(channel) != count) Yield();
}

inline bool IsWaiting(uint64_t id, WaitReason reason) {
  return CountTasks([id, reason](const Task& task) {
           return task.record.id.load() == id && task.state() == TaskState::kWaiting &&
                  task.record.wait_reason == static_cast<uint16_t>(reason);
         }) == 1;
}

// Returns once goroutine `id` waits for `reason`.
inline void AwaitWaiting(uint64_t id, WaitReason reason) {
  while (!IsWaiting(id, reason)) Yield();
}

// Starts a goroutine and returns its number.
template <typename F>
uint64_t GoWithId(F f) {
  const auto id = MakeChan<uint64_t>(1);
  Go([f = std::move(f), id]() mutable {
    id.Send(GoroutineId());
    f();
  });
  return *id.Recv();
}

// Another number of processors for the time of a test.
class WithMaxProcs {
 public:
  explicit WithMaxProcs(int count) : old_(SetMaxProcs(count)) {}
  ~WithMaxProcs() { SetMaxProcs(old_); }
  WithMaxProcs(const WithMaxProcs&) = delete;
  WithMaxProcs& operator=(const WithMaxProcs&) = delete;

 private:
  int old_;
};

// A seed that a failing test prints.
class Seeded : public testing::Test {
 protected:
  Seeded() : seed_(std::random_device()()), random_(seed_) {}
  void TearDown() override {
    if (HasFailure()) printf("seed %u\n", seed_);
  }
  unsigned seed_;
  std::mt19937 random_;
};

// The child of a death test starts the program anew: a fork has none of the scheduler's threads.
class RuntimeDeathTest : public testing::Test {
 protected:
  RuntimeDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

}  // namespace stray::runtime

#endif  // STRAY_TESTS_UNIT_INSTRUMENTATION_RUNTIME_GOROUTINES_H_
