// SPDX-License-Identifier: Apache-2.0
// Engines on random traces: against their definitions, written down as they stand, and against a search through
// all orders of the events. The seed of a trace that fails is printed; RANDOM_TRACES says how many there are.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "analyzer/trace/predicted_deadlocks.h"
#include "analyzer/trace/predicted_races.h"
#include "analyzer/trace/witness_check.h"
#include "tests/unit/analyzer/trace/all_orders.h"
#include "tests/unit/analyzer/trace/naive_engines.h"
#include "tests/unit/analyzer/trace/random_trace.h"
#include "tests/unit/analyzer/trace/trace_text.h"

namespace stray::analyzer {
namespace {

std::set<EventIndex> SecondsOf(const Pairs& pairs) {
  std::set<EventIndex> seconds;
  for (const auto& [first, second] : pairs) seconds.insert(second);
  return seconds;
}

std::set<std::pair<uint32_t, uint32_t>> PlacesOf(const Trace& trace, const Pairs& pairs) {
  std::set<std::pair<uint32_t, uint32_t>> places;
  for (const auto& [first, second] : pairs)
    places.insert(std::minmax(trace.events[first].location, trace.events[second].location));
  return places;
}

Pairs ToPairs(const std::vector<AccessPair>& races) {
  Pairs pairs;
  for (const AccessPair& race : races) pairs.insert({race.first, race.second});
  return pairs;
}

bool HasDepends(const Trace& trace) {
  return std::any_of(trace.events.begin(), trace.events.end(), [](const TraceEvent& event) {
    return event.op == TraceOp::kProvide || event.op == TraceOp::kDepend;
  });
}

// `naive`: the races that can be scheduled, if nobody depends on anything.
void CheckHappensBefore(const Trace& trace, const Pairs& naive) {
  using Order = HappensBefore::Order;
  for (const Order order : {Order::kFirst, Order::kSchedulable}) {
    const Pairs found = ToPairs(HappensBeforeRaces(trace, order));
    EXPECT_EQ(SecondsOf(found), NaiveHappensBefore(trace, order).LaterAccesses());
  }
  for (const AccessPair& race : HappensBeforeRaces(trace, Order::kSchedulable))
    EXPECT_TRUE(naive.contains({race.first, race.second})) << race.first << ' ' << race.second;
  const std::vector<AccessPair> first = HappensBeforeRaces(trace, Order::kFirst);
  EXPECT_TRUE(first.empty() || naive.contains({first[0].first, first[0].second}));
}

void CheckHappensBefore(const TraceIndex& index) {
  const Trace& trace = index.trace();
  if (!HasDepends(trace)) return CheckHappensBefore(trace, NaiveRaces(index));
  const Trace without = WithoutDepends(trace);
  const absl::StatusOr<TraceIndex> freer = TraceIndex::Make(without);
  ASSERT_TRUE(freer.ok()) << freer.status();
  CheckHappensBefore(trace, NaiveRaces(*freer));
}

void CheckRaces(const TraceIndex& index, const AllOrders& orders) {
  const Trace& trace = index.trace();
  const Pairs naive = NaiveRaces(index);
  EXPECT_EQ(naive, orders.races());
  const std::vector<AccessPair> found = PredictRaces(index, RacesWanted::kEverySecond);
  const Pairs pairs = ToPairs(found);
  EXPECT_EQ(pairs.size(), found.size());
  EXPECT_EQ(SecondsOf(pairs), SecondsOf(naive));
  const Pairs by_place = ToPairs(PredictRaces(index, RacesWanted::kOneForPlaces));
  EXPECT_EQ(PlacesOf(trace, by_place), PlacesOf(trace, naive));
  for (const Pairs& some : {pairs, by_place}) {
    for (const auto& [first, second] : some)
      EXPECT_TRUE(naive.contains({first, second})) << first << ' ' << second;
  }
  for (const auto& [earlier, later] : naive) {
    const absl::Status valid = WitnessChecker(trace).CheckRace(WitnessOf(index, AccessPair{earlier, later}));
    EXPECT_TRUE(valid.ok()) << valid;
  }
}

void CheckDeadlocks(const TraceIndex& index, const AllOrders& orders) {
  std::set<Pattern> patterns;
  for (const LockCircle& circle : PredictDeadlocks(index).circles) {
    EXPECT_TRUE(patterns.insert(PatternOf(index, circle)).second) << "twice";
    const absl::Status valid = WitnessChecker(index.trace()).CheckDeadlock(WitnessOf(index, circle));
    EXPECT_TRUE(valid.ok()) << valid;
  }
  EXPECT_EQ(patterns, orders.deadlocks());
}

TEST(RandomTracesTest, EnginesAgreeWithTheirDefinitionsAndWithAllOrders) {
  size_t races = 0, deadlocks = 0;
  for (uint64_t seed = 1; seed <= TraceCount(); ++seed) {
    const Trace trace = RandomTrace(seed).Run();
    const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
    ASSERT_TRUE(index.ok()) << "seed " << seed << ": " << index.status();
    const AllOrders orders(*index);
    CheckHappensBefore(*index);
    CheckRaces(*index, orders);
    CheckDeadlocks(*index, orders);
    races += orders.races().size();
    deadlocks += orders.deadlocks().size();
    ASSERT_FALSE(HasFailure()) << "seed " << seed << ":\n" << StdText(trace);
  }
  EXPECT_GT(races, TraceCount() / 10);
  EXPECT_GT(deadlocks, TraceCount() / 1000);
}

// Too many for a search through all orders.
TEST(RandomTracesTest, ManyTasksNeedAndShowWhatTheyMust) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const Trace trace = WithoutDepends(RandomTrace(seed).Run(15 + static_cast<uint32_t>(seed % 60), 300));
    const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
    ASSERT_TRUE(index.ok()) << "seed " << seed << ": " << index.status();
    const std::vector<std::vector<uint32_t>> needs = NaiveNeeds(*index);
    for (EventIndex i = 0; i < trace.events.size(); ++i) {
      for (uint32_t task = 0; task < index->task_count(); ++task) {
        if (task == trace.events[i].task) continue;
        ASSERT_EQ(index->NeedOf(i, task), needs[i][task]) << "seed " << seed << ", event " << i;
      }
    }
    const std::vector<AccessPair> found = PredictRaces(*index, RacesWanted::kEverySecond);
    for (const AccessPair& race : found) {
      const absl::Status valid = WitnessChecker(trace).CheckRace(WitnessOf(*index, race));
      EXPECT_TRUE(valid.ok()) << valid;
    }
    const std::set<EventIndex> seconds = SecondsOf(ToPairs(found));
    for (const AccessPair& race : HappensBeforeRaces(trace, HappensBefore::Order::kSchedulable))
      EXPECT_TRUE(seconds.contains(race.second)) << race.second;
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
}

TEST(RandomTracesTest, WrongWitnessesAreRefused) {
  std::mt19937_64 random(7);
  size_t refused = 0, all = 0;
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    const Trace trace = RandomTrace(seed).Run();
    const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
    ASSERT_TRUE(index.ok());
    for (const AccessPair& race : PredictRaces(*index, RacesWanted::kEverySecond)) {
      Witness witness = WitnessOf(*index, race);
      if (witness.events.empty()) continue;
      witness.events.erase(witness.events.begin() + static_cast<ptrdiff_t>(random() % witness.events.size()));
      ++all;
      refused += WitnessChecker(trace).CheckRace(witness).ok() ? 0 : 1;
    }
  }
  EXPECT_EQ(refused, all) << "each event of a witness is needed";
}

}  // namespace
}  // namespace stray::analyzer
