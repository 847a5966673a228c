// SPDX-License-Identifier: Apache-2.0
// Small traces whose truth is known, and what each engine says of them.
#include <gtest/gtest.h>

#include "analyzer/trace/predicted_deadlocks.h"
#include "analyzer/trace/predicted_races.h"
#include "analyzer/trace/witness_check.h"
#include "tests/unit/analyzer/trace/trace_text.h"

namespace stray::analyzer {
namespace {

struct MicroTrace {
  const char* name;
  const char* text;
  bool is_forked;                                 // tasks 1 and 2, by 0
  size_t first, schedulable, predicted, lockset;  // later accesses that race, by engine
};

constexpr MicroTrace kRaces[] = {
    {"two writes", "1:w x; 2:w x", true, 1, 1, 1, 1},
    {"both locked", "1:acq l, w x, rel l; 2:acq l, w x, rel l", true, 0, 0, 0, 0},
    {"ordered by an empty section", "1:w x, acq l, rel l; 2:acq l, rel l, w x", true, 0, 0, 1, 1},
    // Only with the sections in the other order: no engine that keeps it finds this.
    {"needs the other order of sections", "1:acq l, w x, rel l; 2:acq l, rel l, w x", true, 0, 0, 0, 1},
    {"ordered by what is read", "1:w x, acq l, w y, rel l; 2:acq l, r y, rel l, w x", true, 0, 0, 0, 1},
    // The second race is there only if the first one is.
    {"one race behind another", "1:w y, w x; 2:r x, w y", true, 2, 1, 1, 2},
    {"ordered by what is written but not read", "1:w x, acq l, w y, rel l; 2:acq l, w y, rel l, w x", true, 0,
     0, 1, 1},
    {"ordered by fork and join", "0:w x, fork T1; 1:w x; 0:join T1, r x", false, 0, 0, 0, 2},
};

Trace TraceOfRow(const MicroTrace& micro) {
  return micro.is_forked ? ForkedTrace(micro.text) : TraceOf(micro.text);
}

TEST(MicroTracesTest, EachEngineSaysOfRacesWhatItsDefinitionSays) {
  for (const MicroTrace& micro : kRaces) {
    SCOPED_TRACE(micro.name);
    const Trace trace = TraceOfRow(micro);
    EXPECT_EQ(HappensBeforeRaces(trace, HappensBefore::Order::kFirst).size(), micro.first);
    EXPECT_EQ(HappensBeforeRaces(trace, HappensBefore::Order::kSchedulable).size(), micro.schedulable);
    EXPECT_EQ(LocksetSuspicions(trace).size(), micro.lockset);
    const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
    ASSERT_TRUE(index.ok()) << index.status();
    const std::vector<AccessPair> races = PredictRaces(*index, RacesWanted::kEverySecond);
    EXPECT_EQ(races.size(), micro.predicted);
    for (const AccessPair& race : races) {
      const absl::Status valid = WitnessChecker(trace).CheckRace(WitnessOf(*index, race));
      EXPECT_TRUE(valid.ok()) << valid;
    }
  }
}

struct MicroDeadlock {
  const char* name;
  const char* text;
  size_t circles;
};

constexpr MicroDeadlock kDeadlocks[] = {
    {"two orders", "1:acq a, acq b, rel b, rel a; 2:acq b, acq a, rel a, rel b", 1},
    {"a gate around both",
     "1:acq g, acq a, acq b, rel b, rel a, rel g; 2:acq g, acq b, acq a, rel a, rel b, rel g", 0},
    {"ordered by what is read", "1:acq a, acq b, rel b, rel a, w x; 2:r x, acq b, acq a, rel a, rel b", 0},
    {"ordered by what is read inside", "1:acq a, acq b, w x, rel b, rel a; 2:acq b, r x, acq a, rel a, rel b",
     0},
    {"what is read comes before", "1:acq a, w x, acq b, rel b, rel a; 2:acq b, r x, acq a, rel a, rel b", 1},
    {"three of them",
     "1:acq a, acq b, rel b, rel a; 2:acq b, acq c, rel c, rel b; 3:acq c, acq a, rel a, rel c", 1},
    {"another section in between",
     "1:acq a, acq b, rel b, rel a, acq c, rel c; 2:acq c, rel c, acq b, acq a, rel a, rel b", 1},
    {"one task, both orders", "1:acq a, acq b, rel b, rel a, acq b, acq a, rel a, rel b", 0},
    {"ordered by a join", "0:fork T1; 1:acq a, acq b, rel b, rel a; 0:join T1, acq b, acq a, rel a, rel b", 0},
    {"ordered by a fork", "0:acq b, acq a, rel a, rel b, fork T1; 1:acq a, acq b, rel b, rel a", 0},
    {"taken again inside",
     "1:acq a, acq a, acq b, rel b, rel a, rel a; 2:acq b, acq b, acq a, rel a, rel b, rel b", 1},
    {"the first time not, the second time",
     "1:acq a, acq b, rel b, rel a, w x; 2:r x, acq b, acq a, rel a, rel b; "
     "1:acq a, acq b, rel b, rel a",
     1},
};

TEST(MicroTracesTest, DeadlocksAreThoseThatCanBeReached) {
  for (const MicroDeadlock& micro : kDeadlocks) {
    SCOPED_TRACE(micro.name);
    const Trace trace = TraceOf(micro.text);
    const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
    ASSERT_TRUE(index.ok()) << index.status();
    const PredictedDeadlocks found = PredictDeadlocks(*index);
    EXPECT_TRUE(found.is_complete);
    EXPECT_EQ(found.circles.size(), micro.circles);
    for (const LockCircle& circle : found.circles) {
      const absl::Status valid = WitnessChecker(trace).CheckDeadlock(WitnessOf(*index, circle));
      EXPECT_TRUE(valid.ok()) << valid;
    }
  }
}

TEST(MicroTracesTest, CirclesLongerThanWantedAreNotLookedFor) {
  const Trace trace =
      TraceOf("1:acq a, acq b, rel b, rel a; 2:acq b, acq c, rel c, rel b; 3:acq c, acq a, rel a, rel c");
  const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
  ASSERT_TRUE(index.ok());
  EXPECT_EQ(PredictDeadlocks(*index, {.most_tasks = 2}).circles.size(), 0u);
  const PredictedDeadlocks cut = PredictDeadlocks(*index, {.most_steps = 0});
  EXPECT_FALSE(cut.is_complete) << "said, not left out";
}

}  // namespace
}  // namespace stray::analyzer
