// SPDX-License-Identifier: Apache-2.0
// trace_bench.cc: how fast the engines for traces are, on one core: events in memory to what is found in them.
//
//   trace_bench [--benchmark_filter=...]     STRAY_BENCH_EVENTS: length of the traces, 1,000,000 by default
//
// The traces, each with 8 and with 64 tasks:
//   local    nine of ten accesses are to variables of the task's own, the others to some behind few locks
//   locked   half of all events are in sections of 32 locks, around variables that they protect
//   racy     local, and every hundredth access is to one of 16 variables that nothing protects
//   nested   sections within sections of 8 locks, in any order: circles, but gate locks, too
//   synced   like local, but ordered by messages, each with a sync of its own, by atomics, and by locks that
//            are mostly read
//   posted   values go through channels with room for 16, sent with a lock held that those who receive take,
//   too
//   paired   like local, but each two tasks have a lock for themselves: they learn little at a time
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/trace/happens_before.h"
#include "analyzer/trace/lockset_hints.h"
#include "analyzer/trace/mixed_deadlocks.h"
#include "analyzer/trace/predicted_deadlocks.h"
#include "analyzer/trace/predicted_races.h"
#include "analyzer/trace/std_format.h"
#include "tests/bench/clock_engine.h"

namespace {

using stray::analyzer::AccessPair;
using stray::analyzer::HappensBefore;
using stray::analyzer::Trace;
using stray::analyzer::TraceEvent;
using stray::analyzer::TraceIndex;
using stray::analyzer::TraceOp;

enum Kind { kLocal, kLocked, kRacy, kNested, kSynced, kPosted, kPaired };
constexpr uint32_t kOwnVariables = 64, kLockVariables = 8, kRacyVariables = 16, kPlaces = 100, kAtomics = 16,
                   kChannels = 8, kRoom = 16;

size_t WantedEvents() {
  const char* events = std::getenv("STRAY_BENCH_EVENTS");
  return events == nullptr ? 1000000 : std::strtoull(events, nullptr, 10);
}

class Maker {
 public:
  Maker(Kind kind, uint32_t tasks) : kind_(kind), tasks_(tasks) {
    locks_ = kind == kPaired ? tasks / 2 : kind == kLocked ? 32 : kind == kNested ? 8 : tasks == 8 ? 4 : 16;
    for (uint32_t i = 0; i < tasks; ++i) trace_.tasks.push_back(absl::StrCat("T", i));
    for (uint32_t i = 0; i < locks_; ++i) trace_.locks.push_back(absl::StrCat("L", i));
    const uint32_t variables = tasks * kOwnVariables + locks_ * kLockVariables + kRacyVariables;
    for (uint32_t i = 0; i < variables; ++i) trace_.variables.push_back(absl::StrCat("V", i));
    for (uint32_t i = 0; i < kPlaces; ++i) trace_.locations.push_back(i);
    for (uint32_t i = 0; kind == kSynced && i < kAtomics; ++i) trace_.syncs.push_back(absl::StrCat("S", i));
  }

  Trace Run(size_t events) {
    trace_.events.reserve(events + 32);
    for (uint32_t i = 0; kind_ == kPosted && i < kChannels; ++i) {
      trace_.channels.push_back(absl::StrCat("C", i));
      trace_.events.push_back({0, i, kRoom, TraceOp::kMade});
    }
    for (uint32_t task = 1; task < tasks_; ++task) Add(0, TraceOp::kFork, task);
    while (trace_.events.size() < events) {
      const uint32_t task = Below(tasks_);
      const uint32_t own = kind_ == kLocked ? 6 : 9;
      for (uint32_t i = 0; i < own; ++i) Access(task, task * kOwnVariables + Below(kOwnVariables));
      if (kind_ == kRacy && Below(10) == 0)
        Access(task, tasks_ * kOwnVariables + locks_ * kLockVariables + Below(kRacyVariables));
      if (kind_ == kPaired) {
        Section(task, task / 2, 1);
      } else if (kind_ == kSynced) {
        Synced(task);
      } else if (kind_ == kPosted) {
        Post(task);
      } else if (kind_ == kNested) {
        Nested(task, Below(locks_), Below(locks_), Below(locks_));
      } else if (kind_ == kLocked || Below(4) == 0) {
        Section(task, Below(locks_), kind_ == kLocked ? 4 : 1);
      }
    }
    return std::move(trace_);
  }

 private:
  uint32_t Below(uint32_t limit) { return static_cast<uint32_t>(random_() % limit); }
  void Add(uint32_t task, TraceOp op, uint32_t operand) {
    trace_.events.push_back({task, operand, PlaceOf(op, operand), op});
  }
  // A variable, and a lock, is used at two places of the program.
  uint32_t PlaceOf(TraceOp op, uint32_t operand) {
    return (operand % (kPlaces / 4) + (op == TraceOp::kWrite ? kPlaces / 4 : 0)) * 2 + Below(2);
  }
  void Access(uint32_t task, uint32_t variable) {
    Add(task, Below(3) == 0 ? TraceOp::kWrite : TraceOp::kRead, variable);
  }
  void Section(uint32_t task, uint32_t lock, uint32_t accesses) {
    Add(task, TraceOp::kAcquire, lock);
    for (uint32_t i = 0; i < accesses; ++i)
      Access(task, tasks_ * kOwnVariables + lock * kLockVariables + Below(kLockVariables));
    Add(task, TraceOp::kRelease, lock);
  }
  void Nested(uint32_t task, uint32_t a, uint32_t b, uint32_t c) {
    Add(task, TraceOp::kAcquire, a);
    Add(task, TraceOp::kAcquire, b);
    Section(task, c, 1);
    Add(task, TraceOp::kRelease, b);
    Add(task, TraceOp::kRelease, a);
  }

  // Half of the tasks send, the others receive what is oldest.
  void Post(uint32_t task) {
    const uint32_t channel = Below(kChannels), lock = Below(locks_);
    std::deque<uint32_t>& values = values_[channel];
    const bool sends = values.empty() || (task % 2 == 0 && values.size() < kRoom);
    Add(task, TraceOp::kAcquire, lock);
    if (!sends) Add(task, TraceOp::kRelease, lock);
    Add(task, sends ? TraceOp::kSend : TraceOp::kReceive, channel);
    if (sends) {
      trace_.syncs.push_back(absl::StrCat("S", trace_.syncs.size()));
      values.push_back(static_cast<uint32_t>(trace_.syncs.size() - 1));
    }
    Add(task, sends ? TraceOp::kSignal : TraceOp::kAwait, sends ? values.back() : values.front());
    if (!sends) values.pop_front();
    Add(task, sends ? TraceOp::kSent : TraceOp::kReceived, channel);
    if (sends) Add(task, TraceOp::kRelease, lock);
  }

  // A message, the use of an atomic, or a section of a lock that is written one time in eight.
  void Synced(uint32_t task) {
    switch (Below(4)) {
      case 0:
        trace_.syncs.push_back(absl::StrCat("S", trace_.syncs.size()));
        Add(task, TraceOp::kSignal, static_cast<uint32_t>(trace_.syncs.size() - 1));
        Add((task + 1 + Below(tasks_ - 1)) % tasks_, TraceOp::kAwait,
            static_cast<uint32_t>(trace_.syncs.size() - 1));
        return;
      case 1: {
        const bool is_relaxed = Below(2) == 0;
        Add(task, is_relaxed ? TraceOp::kDepend : TraceOp::kAwait, Below(kAtomics));
        Add(task, is_relaxed ? TraceOp::kProvide : TraceOp::kSignal, Below(kAtomics));
        return;
      }
      default:
        if (Below(8) == 0) return Section(task, Below(locks_), 1);
        const uint32_t lock = Below(locks_);
        Add(task, TraceOp::kAcquireRead, lock);
        Add(task, TraceOp::kRead, tasks_ * kOwnVariables + lock * kLockVariables + Below(kLockVariables));
        Add(task, TraceOp::kReleaseRead, lock);
    }
  }

  const Kind kind_;
  const uint32_t tasks_;
  uint32_t locks_ = 0;
  std::deque<uint32_t> values_[kChannels];  // syncs
  std::mt19937_64 random_{1};
  Trace trace_;
};

const Trace& TraceOf(const benchmark::State& state) {
  static Trace trace;
  static int64_t kind = -1, tasks = -1;
  if (kind != state.range(0) || tasks != state.range(1)) {
    kind = state.range(0);
    tasks = state.range(1);
    trace = Maker(static_cast<Kind>(kind), static_cast<uint32_t>(tasks)).Run(WantedEvents());
  }
  return trace;
}

void Count(benchmark::State& state, const Trace& trace, size_t found) {
  static const char* const kNames[] = {"local", "locked", "racy", "nested", "synced", "posted", "paired"};
  state.SetLabel(kNames[state.range(0)]);
  state.counters["found"] = static_cast<double>(found);
  state.counters["Mevents/s"] = benchmark::Counter(
      static_cast<double>(trace.events.size()) / 1e6 * static_cast<double>(state.iterations()),
      benchmark::Counter::kIsRate);
}

void BM_HappensBefore(benchmark::State& state, HappensBefore::Order order) {
  const Trace& trace = TraceOf(state);
  size_t races = 0;
  for (auto _ : state) {
    races = 0;
    HappensBefore engine(order, [&](const AccessPair&) { ++races; });
    for (const TraceEvent& event : trace.events) engine.Add(event);
  }
  Count(state, trace, races);
}

// Each clock in turn, all else the same: times of flat vectors and of trees to that of what the product has, by
// processor time in the same run.
template <typename Clocks>
double SecondsBy(const Trace& trace, bool is_schedulable) {
  const std::clock_t start = std::clock();
  stray::analyzer::ClockEngine<Clocks> engine(is_schedulable);
  for (const TraceEvent& event : trace.events) engine.Add(event);
  benchmark::DoNotOptimize(engine.races().size());
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

double Median(std::vector<double> all) {
  std::nth_element(all.begin(), all.begin() + static_cast<ptrdiff_t>(all.size() / 2), all.end());
  return all[all.size() / 2];
}

void BM_Clocks(benchmark::State& state, bool is_schedulable) {
  const Trace& trace = TraceOf(state);
  std::vector<double> flat, tree;
  for (auto _ : state) {
    const double ours = SecondsBy<stray::analyzer::SharedClocks>(trace, is_schedulable);
    flat.push_back(SecondsBy<stray::analyzer::FlatClocks>(trace, is_schedulable) / ours);
    tree.push_back(SecondsBy<stray::analyzer::TreeClocks>(trace, is_schedulable) / ours);
  }
  Count(state, trace, 0);
  state.counters["flat_to_ours"] = Median(flat);
  state.counters["tree_to_ours"] = Median(tree);
}

void BM_PredictedRaces(benchmark::State& state) {
  const Trace& trace = TraceOf(state);
  size_t races = 0;
  for (auto _ : state) {
    const TraceIndex index = *TraceIndex::Make(trace);
    races = PredictRaces(index, stray::analyzer::RacesWanted::kOneForPlaces).size();
  }
  Count(state, trace, races);
}

void BM_PredictedDeadlocks(benchmark::State& state) {
  const Trace& trace = TraceOf(state);
  stray::analyzer::PredictedDeadlocks found;
  for (auto _ : state) {
    const TraceIndex index = *TraceIndex::Make(trace);
    found = PredictDeadlocks(index);
  }
  Count(state, trace, found.circles.size());
  state.counters["patterns"] = static_cast<double>(found.patterns);
}

void BM_MixedDeadlocks(benchmark::State& state) {
  const Trace& trace = TraceOf(state);
  const TraceIndex index = *TraceIndex::Make(trace);
  stray::analyzer::MixedDeadlocks found;
  for (auto _ : state) found = PredictMixedDeadlocks(index);
  Count(state, trace, found.found.size());
  state.counters["complete"] = found.is_complete ? 1 : 0;
}

void BM_LocksetHints(benchmark::State& state) {
  const Trace& trace = TraceOf(state);
  const TraceIndex index = *TraceIndex::Make(trace);
  size_t hints = 0;
  for (auto _ : state) hints = FindLocksetHints(index, [](uint32_t) { return false; }).size();
  Count(state, trace, hints);
}

void BM_ReadStd(benchmark::State& state) {
  const Trace& trace = TraceOf(state);
  const std::string text = StdText(trace);
  for (auto _ : state) benchmark::DoNotOptimize(stray::analyzer::ReadStd(text, "bench.std"));
  Count(state, trace, 0);
}

void AllTraces(benchmark::internal::Benchmark* one) {
  for (const int64_t tasks : {8, 64}) {
    for (const int64_t kind : {kLocal, kLocked, kRacy, kNested, kSynced, kPosted}) one->Args({kind, tasks});
  }
  one->ArgNames({"", "tasks"})->Unit(benchmark::kMillisecond);
}

BENCHMARK_CAPTURE(BM_HappensBefore, first, HappensBefore::Order::kFirst)->Apply(AllTraces);
BENCHMARK_CAPTURE(BM_HappensBefore, schedulable, HappensBefore::Order::kSchedulable)->Apply(AllTraces);
void TracesOfLocks(benchmark::internal::Benchmark* one) {
  for (const int64_t tasks : {8, 64, 512}) {
    for (const int64_t kind : {kLocal, kLocked, kRacy, kNested, kPaired}) one->Args({kind, tasks});
  }
  one->ArgNames({"", "tasks"})->Unit(benchmark::kMillisecond);
}
BENCHMARK_CAPTURE(BM_Clocks, first, false)->Apply(TracesOfLocks)->Iterations(5);
BENCHMARK_CAPTURE(BM_Clocks, schedulable, true)->Apply(TracesOfLocks)->Iterations(5);
BENCHMARK(BM_PredictedRaces)->Apply(AllTraces);
BENCHMARK(BM_PredictedDeadlocks)->Apply(AllTraces);
BENCHMARK(BM_MixedDeadlocks)->Apply(AllTraces);
BENCHMARK(BM_LocksetHints)->Apply(AllTraces);
BENCHMARK(BM_ReadStd)->Args({kLocal, 8})->ArgNames({"", "tasks"})->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
