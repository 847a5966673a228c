// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/rapid_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyzer/trace/predicted_races.h"
#include "tests/unit/analyzer/trace/naive_engines.h"
#include "tests/unit/analyzer/trace/random_trace.h"
#include "tests/unit/analyzer/trace/trace_text.h"

namespace stray::analyzer {
namespace {

std::string RapidText(absl::string_view text) { return StdText(ForRapid(TraceOf(text))); }

TEST(RapidTraceTest, WhatRapidKnowsStays) {
  const char* const text = "0:w y, fork T1; 1:req l, acq l, w x, rel l, begin a, end a; 0:join T1, r y";
  EXPECT_EQ(RapidText(text), StdText(TraceOf(text)));
}

TEST(RapidTraceTest, ASignalIsASectionForEachThatAwaitsIt) {
  EXPECT_EQ(RapidText("1:sig s; 2:await s"),
            "T1|acq(s.1)|1\nT1|w(s.1.told)|1\nT1|rel(s.1)|1\n"
            "T2|acq(s.1)|2\nT2|r(s.1.told)|2\nT2|rel(s.1)|2\n");
  EXPECT_EQ(RapidText("1:sig s, await s; 2:sig t"), "") << "nobody needs it";
  EXPECT_EQ(RapidText("1:sig s; 2:await s"), RapidText("1:sig s; 2:await s, await s")) << "known already";
  EXPECT_EQ(RapidText("1:dummy 0; 2:dummy 0; 1:sig s; 2:await s").size(),
            RapidText("1:dummy 0; 2:dummy 0; 1:sig s, sig s; 2:await s").size())
      << "the last one of a task is enough";
}

TEST(RapidTraceTest, NamesThatAreTakenAreNotTakenAgain) {
  const Trace trace = ForRapid(TraceOf("1:acq s.1, rel s.1, w s.1.told, sig s; 2:await s"));
  EXPECT_THAT(trace.locks, ::testing::ElementsAre("s.1", "s.1'"));
  EXPECT_THAT(trace.variables, ::testing::ElementsAre("s.1.told", "s.1.told'"));
}

TEST(RapidTraceTest, WhoWritesTakesTheLocksOfAllReaders) {
  EXPECT_EQ(RapidText("1:racq l, rrel l; 2:racq l, rrel l; 3:tryacq l, rel l"),
            "T1|acq(l.T1)|1\nT1|rel(l.T1)|2\nT2|acq(l.T2)|3\nT2|rel(l.T2)|4\n"
            "T3|acq(l)|5\nT3|acq(l.T1)|5\nT3|acq(l.T2)|5\nT3|rel(l.T2)|6\nT3|rel(l.T1)|6\nT3|rel(l)|6\n");
}

// Accesses to variables of `original`, numbered from 0: what both traces have.
std::vector<EventIndex> AccessNumbers(const Trace& trace, const Trace& original) {
  std::vector<EventIndex> numbers;
  EventIndex next = 0;
  for (const TraceEvent& event : trace.events) {
    const bool is_common = IsAccess(event.op) && event.operand < original.variables.size();
    numbers.push_back(is_common ? next++ : kNoEvent);
  }
  return numbers;
}

Pairs Renumbered(const std::vector<AccessPair>& races, const std::vector<EventIndex>& numbers) {
  Pairs pairs;
  for (const AccessPair& race : races) pairs.insert({numbers[race.first], numbers[race.second]});
  return pairs;
}

TEST(RapidTraceTest, RandomTracesHaveTheSameRaces) {
  size_t races = 0, predicted = 0;
  for (uint64_t seed = 1; seed <= std::max<uint64_t>(TraceCount() / 5, 1); ++seed) {
    const Trace trace = RandomTrace(seed).Run(), rapid = ForRapid(trace), without = WithoutDepends(trace);
    for (const TraceEvent& event : rapid.events) ASSERT_LE(event.op, TraceOp::kDummy);
    const std::vector<EventIndex> numbers = AccessNumbers(trace, trace), others = AccessNumbers(rapid, trace);
    for (const HappensBefore::Order order :
         {HappensBefore::Order::kFirst, HappensBefore::Order::kSchedulable}) {
      const Pairs pairs = Renumbered(HappensBeforeRaces(trace, order), numbers);
      EXPECT_EQ(Renumbered(HappensBeforeRaces(rapid, order), others), pairs);
      races += pairs.size();
    }
    const absl::StatusOr<TraceIndex> index = TraceIndex::Make(without), again = TraceIndex::Make(rapid);
    ASSERT_TRUE(index.ok() && again.ok()) << "seed " << seed << ": " << again.status();
    const Pairs pairs = Renumbered(PredictRaces(*index, RacesWanted::kEverySecond), numbers);
    EXPECT_EQ(Renumbered(PredictRaces(*again, RacesWanted::kEverySecond), others), pairs);
    predicted += pairs.size();
    ASSERT_FALSE(HasFailure()) << "seed " << seed << ":\n" << StdText(trace) << "rapid:\n" << StdText(rapid);
  }
  EXPECT_GT(predicted, TraceCount() / 50);
  EXPECT_GT(races, TraceCount() / 50);
}

}  // namespace
}  // namespace stray::analyzer
