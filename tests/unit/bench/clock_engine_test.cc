// SPDX-License-Identifier: Apache-2.0
// The clocks that are compared say the same.
#include "tests/bench/clock_engine.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/analyzer/trace/random_trace.h"
#include "tests/unit/analyzer/trace/trace_text.h"

namespace stray::analyzer {
namespace {

// Without what the compared engines do not know.
Trace LocksAndForks(Trace trace) {
  trace.marks.emplace_back("0");
  for (TraceEvent& event : trace.events) {
    if (event.op == TraceOp::kTryAcquire) event.op = TraceOp::kAcquire;
    const bool is_known = IsAccess(event.op) || event.op == TraceOp::kAcquire ||
                          event.op == TraceOp::kRelease || event.op == TraceOp::kFork ||
                          event.op == TraceOp::kJoin;
    if (!is_known) event = {event.task, 0, event.location, TraceOp::kDummy};
  }
  return trace;
}

template <typename Clocks>
std::vector<EventIndex> RacesBy(const Trace& trace, HappensBefore::Order order) {
  ClockEngine<Clocks> engine(order == HappensBefore::Order::kSchedulable);
  for (const TraceEvent& event : trace.events) engine.Add(event);
  return engine.races();
}

void CheckSame(const Trace& trace) {
  for (const auto order : {HappensBefore::Order::kFirst, HappensBefore::Order::kSchedulable}) {
    std::vector<EventIndex> wanted;
    for (const AccessPair& pair : HappensBeforeRaces(trace, order)) wanted.push_back(pair.second);
    ASSERT_EQ(RacesBy<FlatClocks>(trace, order), wanted);
    ASSERT_EQ(RacesBy<SharedClocks>(trace, order), wanted);
    ASSERT_EQ(RacesBy<TreeClocks>(trace, order), wanted);
  }
}

TEST(ClockEngineTest, AllClocksFindTheSameRacesInSmallTraces) {
  for (uint64_t seed = 1; seed <= 20'000; ++seed) {
    CheckSame(LocksAndForks(RandomTrace(seed).Run()));
    ASSERT_FALSE(HasFatalFailure()) << "seed " << seed;
  }
}

TEST(ClockEngineTest, AllClocksFindTheSameRacesAmongManyTasks) {
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    CheckSame(LocksAndForks(RandomTrace(seed).Run(15 + static_cast<uint32_t>(seed % 60), 600)));
    ASSERT_FALSE(HasFatalFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace stray::analyzer
