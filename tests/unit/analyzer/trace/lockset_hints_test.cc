// SPDX-License-Identifier: Apache-2.0
// Hints by locks: on small traces whose truth is known, and on random ones against the definition.
#include "analyzer/trace/lockset_hints.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "analyzer/trace/predicted_races.h"
#include "tests/unit/analyzer/trace/naive_engines.h"
#include "tests/unit/analyzer/trace/random_trace.h"
#include "tests/unit/analyzer/trace/trace_text.h"

namespace stray::analyzer {
namespace {

std::set<uint32_t> RacyVariables(const TraceIndex& index) {
  std::set<uint32_t> racy;
  const Trace& trace = index.trace();
  for (const AccessPair& race : HappensBeforeRaces(trace, HappensBefore::Order::kSchedulable))
    racy.insert(trace.events[race.first].operand);
  for (const AccessPair& race : PredictRaces(index, RacesWanted::kEverySecond))
    racy.insert(trace.events[race.first].operand);
  return racy;
}

struct MicroTrace {
  const char* name;
  const char* text;  // tasks 1 and 2 are forked and joined by 0
  size_t hints;
};

constexpr MicroTrace kTraces[] = {
    {"needs the other order of sections", "1:acq l, w x, rel l; 2:acq l, rel l, w x", 1},
    {"the later one has the lock", "1:w x, acq l, w y, rel l; 2:acq l, w y, w x, rel l",
     0},  // that is predicted
    {"ordered by what is read", "1:w x, acq l, w y, rel l; 2:acq l, r y, rel l, w x", 0},
    {"the same with a lock", "1:acq l, w x, w y, rel l; 2:acq l, r y, rel l, w x", 0},
    {"both locked", "1:acq l, w x, rel l; 2:acq l, w x, rel l", 0},
    {"two writes", "1:w x; 2:w x", 0},
    {"ordered by a signal", "1:acq l, w x, rel l, sig s; 2:await s, w x", 0},
    {"ordered by what is seen", "1:acq l, w x, rel l, provide s; 2:depend s, w x", 0},
    {"reads what was written", "1:acq l, w x, rel l; 2:acq l, rel l, r x", 0},
    {"reads what was written before", "1:w x, acq l, r x, rel l; 2:acq l, rel l, r x", 0},
    {"writes what was read under the lock", "1:acq l, r x, rel l; 2:acq l, rel l, w x", 1},
    {"a lock for each", "1:acq k, acq l, w x, rel l, rel k; 2:acq l, rel l, acq m, w x, rel m", 1},
    {"one reads the lock, one writes it", "1:racq l, w x, rrel l; 2:acq l, w x, rel l", 0},
    {"ordered by an empty section", "1:w x, acq l, rel l; 2:acq l, rel l, w x", 0},  // that is predicted
    {"handed over through a third one",
     "1:acq l, w x, rel l, sig s; 3:await s, sig t; 2:acq l, rel l, await t, w x", 0},
};

TEST(LocksetHintsTest, AreWhatOnlyTheOrderOfSectionsKeepsApart) {
  for (const MicroTrace& micro : kTraces) {
    SCOPED_TRACE(micro.name);
    const Trace trace = ForkedTrace(micro.text);
    const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
    ASSERT_TRUE(index.ok()) << index.status();
    const std::set<uint32_t> racy = RacyVariables(*index);
    EXPECT_EQ(FindLocksetHints(*index, [&](uint32_t variable) { return racy.contains(variable); }).size(),
              micro.hints);
  }
}

TEST(LocksetHintsTest, WhatParentsDoBeforeAndAfterIsOrdered) {
  const Trace trace = TraceOf("0:acq l, w x, rel l, fork T1; 1:w x; 0:join T1, w x");
  const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
  ASSERT_TRUE(index.ok());
  EXPECT_TRUE(FindLocksetHints(*index, [](uint32_t) { return false; }).empty());
}

// The places of all pairs.
std::set<std::pair<uint32_t, uint32_t>> NaiveHints(const TraceIndex& index) {
  const std::vector<TraceEvent>& events = index.trace().events;
  const std::vector<std::vector<uint32_t>> needs = NaiveNeeds(index);
  std::set<uint32_t> locked;
  for (EventIndex i = 0; i < events.size(); ++i) {
    if (IsAccess(events[i].op) && !index.HeldAt(i).empty()) locked.insert(events[i].operand);
  }
  std::set<std::pair<uint32_t, uint32_t>> places;
  for (EventIndex b = 0; b < events.size(); ++b) {
    for (EventIndex a = 0; a < b; ++a) {
      const bool is_pair = Conflict(events[a], events[b]) && locked.contains(events[a].operand) &&
                           CanBothBeHeld(index.HeldAt(a), index.HeldAt(b)) &&
                           needs[b][events[a].task] < index.PositionOf(a);
      if (is_pair) places.insert(std::minmax(events[a].location, events[b].location));
    }
  }
  return places;
}

TEST(LocksetHintsTest, AreThoseOfTheDefinition) {
  size_t all = 0;
  const uint64_t count = std::max<uint64_t>(TraceCount() / 10, 1);
  for (uint64_t seed = 1; seed <= count; ++seed) {
    const Trace trace = RandomTrace(seed).Run();
    const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
    ASSERT_TRUE(index.ok()) << "seed " << seed << ": " << index.status();
    std::set<std::pair<uint32_t, uint32_t>> places;
    for (const AccessPair& pair : FindLocksetHints(*index, [](uint32_t) { return false; }, {.most_alike = 64}))
      places.insert(std::minmax(trace.events[pair.first].location, trace.events[pair.second].location));
    EXPECT_EQ(places, NaiveHints(*index));
    all += places.size();
    ASSERT_FALSE(HasFailure()) << "seed " << seed << ":\n" << StdText(trace);
  }
  EXPECT_GT(all, count / 20);
}

}  // namespace
}  // namespace stray::analyzer
