// SPDX-License-Identifier: Apache-2.0
// random_trace.h: runs of small programs, the same for the same seed.
#ifndef STRAY_TESTS_UNIT_ANALYZER_TRACE_RANDOM_TRACE_H_
#define STRAY_TESTS_UNIT_ANALYZER_TRACE_RANDOM_TRACE_H_

#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <random>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/trace/event.h"

namespace stray::analyzer {

// How many of them a test takes.
inline uint64_t TraceCount() {
  const char* wanted = std::getenv("RANDOM_TRACES");
  return wanted == nullptr ? 100000 : std::strtoull(wanted, nullptr, 10);
}

// A run of up to four tasks, if nobody wants more, some of them forked and joined, that take locks properly,
// and some twice. Some have syncs, locks that are read, or such as are only tried.
class RandomTrace {
 public:
  // Every second one is about locks, more than about accesses.
  explicit RandomTrace(uint64_t seed) : random_(seed), is_of_locks_(seed % 2 == 0) {}

  Trace Run() {
    const uint32_t tasks = 2 + Below(is_of_locks_ ? 2 : 3);
    return Run(tasks, (is_of_locks_ ? 10 : 6) + Below(10));
  }

  Trace Run(uint32_t tasks, size_t events) {
    const uint32_t locks = (is_of_locks_ ? 2 : 1) + Below(2), variables = 1 + Below(2), syncs = Below(3);
    for (uint32_t i = 0; i < tasks; ++i) trace_.tasks.push_back(absl::StrCat("T", i));
    for (uint32_t i = 0; i < locks; ++i) trace_.locks.push_back(absl::StrCat("L", i));
    for (uint32_t i = 0; i < variables; ++i) trace_.variables.push_back(absl::StrCat("V", i));
    for (uint32_t i = 0; i < syncs; ++i) trace_.syncs.push_back(absl::StrCat("S", i));
    for (int64_t i = 0; i < 8; ++i) trace_.locations.push_back(i);
    has_reads_ = Below(2) == 0;
    has_tries_ = Below(3) == 0;
    held_.resize(tasks);
    state_.assign(tasks, kRuns);
    for (uint32_t i = 1; i < tasks; ++i) state_[i] = Below(2) == 0 ? kUnborn : kRuns;
    for (size_t i = 0; i < 4 * events && trace_.events.size() < events; ++i) Step(Below(tasks));
    return std::move(trace_);
  }

 private:
  enum State { kUnborn, kRuns, kJoined };
  struct Hold {
    uint32_t lock;
    bool to_write;
  };

  uint32_t Below(uint32_t limit) { return static_cast<uint32_t>(random_() % limit); }

  template <typename T>
  uint32_t OneOf(const std::vector<T>& all) {
    return Below(static_cast<uint32_t>(all.size()));
  }

  void Add(uint32_t task, TraceOp op, uint32_t operand) {
    trace_.events.push_back({task, operand, OneOf(trace_.locations), op});
  }

  bool IsFree(uint32_t lock, uint32_t task, bool to_write) const {
    for (uint32_t other = 0; other < held_.size(); ++other) {
      if (other == task) continue;
      for (const Hold& hold : held_[other]) {
        if (hold.lock == lock && (to_write || hold.to_write)) return false;
      }
    }
    return true;
  }

  void Acquire(uint32_t task) {
    const uint32_t lock = OneOf(trace_.locks);
    const bool to_write = !has_reads_ || Below(2) == 0;
    if (!IsFree(lock, task, to_write)) return;
    held_[task].push_back({lock, to_write});
    const TraceOp to_have = has_tries_ && Below(3) == 0 ? TraceOp::kTryAcquire : TraceOp::kAcquire;
    Add(task, to_write ? to_have : TraceOp::kAcquireRead, lock);
  }

  void Release(uint32_t task) {
    std::vector<Hold>& held = held_[task];
    if (held.empty()) return;
    const size_t which = OneOf(held);
    const Hold hold = held[which];
    held.erase(held.begin() + static_cast<ptrdiff_t>(which));
    Add(task, hold.to_write ? TraceOp::kRelease : TraceOp::kReleaseRead, hold.lock);
  }

  void ForkOrJoin(uint32_t task) {
    const uint32_t other = OneOf(state_);
    if (other == task) return;
    if (state_[other] == kUnborn) {
      state_[other] = kRuns;
      Add(task, TraceOp::kFork, other);
    } else if (state_[other] == kRuns && held_[other].empty() && Below(3) == 0) {
      state_[other] = kJoined;
      Add(task, TraceOp::kJoin, other);
    }
  }

  void Step(uint32_t task) {
    if (state_[task] != kRuns) return;
    const uint32_t kinds = trace_.syncs.empty() ? 8 : 11;
    switch (is_of_locks_ && Below(3) != 0 ? Below(4) / 2 : Below(kinds)) {
      case 0:
      case 2:
        return Acquire(task);
      case 1:
      case 3:
        return Release(task);
      case 4:
      case 5:
        return Add(task, TraceOp::kWrite, OneOf(trace_.variables));
      case 6:
        return Add(task, TraceOp::kRead, OneOf(trace_.variables));
      case 7:
        return ForkOrJoin(task);
      default: {
        constexpr TraceOp kOfSyncs[] = {TraceOp::kSignal, TraceOp::kSignal,  TraceOp::kAwait,
                                        TraceOp::kAwait,  TraceOp::kProvide, TraceOp::kDepend};
        const TraceOp op = kOfSyncs[Below(std::size(kOfSyncs))];
        return Add(task, op, OneOf(trace_.syncs));
      }
    }
  }

  std::mt19937_64 random_;
  const bool is_of_locks_;
  bool has_reads_ = false, has_tries_ = false;
  Trace trace_;
  std::vector<std::vector<Hold>> held_;  // by task, inner ones, too
  std::vector<State> state_;
};

// The same without what happens-before does not know.
inline Trace WithoutDepends(Trace trace) {
  trace.marks.emplace_back("0");
  for (TraceEvent& event : trace.events) {
    if (event.op == TraceOp::kProvide || event.op == TraceOp::kDepend)
      event = {event.task, 0, event.location, TraceOp::kDummy};
  }
  return trace;
}

}  // namespace stray::analyzer

#endif  // STRAY_TESTS_UNIT_ANALYZER_TRACE_RANDOM_TRACE_H_
