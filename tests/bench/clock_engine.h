// SPDX-License-Identifier: Apache-2.0
// clock_engine.h: happens-before as in analyzer/trace/happens_before.h, by different clocks and all else the
// same. Of what orders it knows locks, forks and joins.
#ifndef STRAY_TESTS_BENCH_CLOCK_ENGINE_H_
#define STRAY_TESTS_BENCH_CLOCK_ENGINE_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "analyzer/trace/event.h"
#include "analyzer/trace/task_clock.h"
#include "analyzer/trace/vector_clock.h"
#include "tests/bench/tree_clock.h"

namespace stray::analyzer {

// Each time a task tells something, its whole clock is copied; what is learned is joined.
struct FlatClocks {
  struct Task : VectorClock {
    uint32_t own = 0;
    void Begin(uint32_t task) { Set(own = task, 1); }
    bool HasBegun() const { return Of(own) != 0; }
    uint32_t now() const { return Of(own); }
  };
  using Told = VectorClock;

  static void Tell(Task& task, Told& told) {
    told = task;
    task.Set(task.own, task.now() + 1);
  }
  static void Learn(Task& task, const Told& told) { task.Join(told); }
};

struct TreeClocks {
  using Task = TreeClock;
  using Told = TreeClock;

  static void Tell(Task& task, Told& told) {
    if (task.Knows(told)) {
      told.MonotoneCopy(task);
    } else {
      told = task;  // a write that races with the last one
    }
    task.Tick();
  }
  static void Learn(Task& task, const Told& told) { task.Join(told); }
};

// What the product has.
struct SharedClocks {
  using Task = TaskClock;
  using Told = Moment;

  static void Tell(Task& task, Told& told) { task.TellInsteadOf(told); }
  static void Learn(Task& task, const Told& told) { task.Learn(told); }
};

template <typename Clocks>
class ClockEngine {
 public:
  explicit ClockEngine(bool is_schedulable) : is_schedulable_(is_schedulable) {}

  void Add(const TraceEvent& event) {
    switch (event.op) {
      case TraceOp::kRead:
        Read(event);
        break;
      case TraceOp::kWrite:
        Write(event);
        break;
      case TraceOp::kAcquire:
        Clocks::Learn(ClockOf(event.task), At(locks_, event.operand));
        break;
      case TraceOp::kRelease:
        Clocks::Tell(ClockOf(event.task), At(locks_, event.operand));
        break;
      case TraceOp::kFork:
        Pass(event.task, event.operand);
        break;
      case TraceOp::kJoin:
        Pass(event.operand, event.task);
        break;
      default:
        break;
    }
    ++next_;
  }

  // Later accesses that race.
  const std::vector<EventIndex>& races() const { return races_; }

 private:
  using Task = typename Clocks::Task;
  using Told = typename Clocks::Told;
  struct Access {
    uint32_t task, time;
    EventIndex event;
    uint32_t location;
  };
  struct Frontier {
    Access one = {0, 0, kNoEvent, 0};
    std::unique_ptr<std::vector<Access>> more;
  };
  struct Variable {
    Frontier reads, writes;
    Told last_write;
  };

  template <typename T>
  static T& At(std::vector<T>& all, uint32_t index) {
    if (index >= all.size()) all.resize(index + 1);
    return all[index];
  }

  Task& ClockOf(uint32_t task) {
    Task& clock = At(tasks_, task);
    if (!clock.HasBegun()) clock.Begin(task);
    return clock;
  }

  void Pass(uint32_t from, uint32_t to) {
    ClockOf(std::max(from, to));
    Told told;
    Clocks::Tell(ClockOf(from), told);
    Clocks::Learn(ClockOf(to), told);
  }

  static bool IsUnordered(const Frontier& frontier, const Task& clock) {
    if (frontier.more == nullptr)
      return frontier.one.event != kNoEvent && frontier.one.time > clock.Of(frontier.one.task);
    return std::any_of(frontier.more->begin(), frontier.more->end(),
                       [&](const Access& access) { return access.time > clock.Of(access.task); });
  }

  static void Advance(Frontier& frontier, const Access& access, const Task& clock) {
    const auto is_before = [&](const Access& old) { return old.time <= clock.Of(old.task); };
    if (frontier.more == nullptr) {
      if (frontier.one.event == kNoEvent || is_before(frontier.one)) {
        frontier.one = access;
        return;
      }
      frontier.more = std::make_unique<std::vector<Access>>(1, frontier.one);
    }
    std::vector<Access>& all = *frontier.more;
    all.erase(std::remove_if(all.begin(), all.end(), is_before), all.end());
    if (all.empty()) {
      frontier.more.reset();
      frontier.one = access;
    } else {
      all.push_back(access);
    }
  }

  void Read(const TraceEvent& event) {
    Task& clock = ClockOf(event.task);
    Variable& variable = At(variables_, event.operand);
    if (IsUnordered(variable.writes, clock)) races_.push_back(next_);
    if (is_schedulable_) Clocks::Learn(clock, variable.last_write);
    const Access access = {event.task, clock.now(), next_, event.location};
    Access& last = variable.reads.one;
    if (variable.reads.more == nullptr && last.event != kNoEvent && last.task == access.task &&
        last.time == access.time) {
      last = access;
      return;
    }
    Advance(variable.reads, access, clock);
  }

  void Write(const TraceEvent& event) {
    Task& clock = ClockOf(event.task);
    Variable& variable = At(variables_, event.operand);
    if (IsUnordered(variable.writes, clock) || IsUnordered(variable.reads, clock)) races_.push_back(next_);
    Advance(variable.writes, {event.task, clock.now(), next_, event.location}, clock);
    if (is_schedulable_) Clocks::Tell(clock, variable.last_write);
  }

  const bool is_schedulable_;
  EventIndex next_ = 0;
  std::vector<EventIndex> races_;
  std::vector<Task> tasks_;
  std::vector<Told> locks_;
  std::vector<Variable> variables_;
};

}  // namespace stray::analyzer

#endif  // STRAY_TESTS_BENCH_CLOCK_ENGINE_H_
