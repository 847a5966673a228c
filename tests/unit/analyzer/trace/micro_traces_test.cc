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
    {"ordered by a signal", "1:w x, sig s; 2:await s, w x", true, 0, 0, 0, 1},
    {"a signal that comes later", "2:await s; 1:w x, sig s; 2:w x", true, 1, 1, 1, 1},
    {"signals add up", "1:w x, sig s; 3:sig s; 2:await s, w x", true, 0, 0, 0, 1},
    // The n-th wait comes after the n-th post only: a sync for each.
    {"two of a semaphore", "1:sig p1, w x; 3:sig p2; 2:await p1, w x", true, 1, 1, 1, 1},
    {"what a send knows", "1:w x, sig s1; 2:await s1, sig s2; 3:await s2, w x", true, 0, 0, 0, 1},
    // A race, since memory is not ordered; but nothing shows the two side by side.
    {"seen by a relaxed atomic", "1:w x, provide s; 2:depend s, w x", true, 1, 1, 0, 1},
    {"a lock that failed to be tried", "1:w x, acq l, provide l; 2:depend l; 1:rel l; 2:acq l, rel l, w x",
     true, 0, 0, 0, 1},
    {"acquired what was stored without release", "1:w x, provide s; 2:await s, w x", true, 1, 1, 0, 1},
    {"both read a lock", "1:racq l, w x, rrel l; 2:racq l, w x, rrel l", true, 1, 1, 1, 1},
    {"one reads a lock, one writes it", "1:racq l, w x, rrel l; 2:acq l, w x, rel l", true, 0, 0, 0, 1},
    {"read while locked for reading", "1:racq l, r x, rrel l; 2:acq l, w x, rel l", true, 0, 0, 0, 0},
    {"ordered by an empty section to write after one to read", "1:w x, racq l, rrel l; 2:acq l, rel l, w x",
     true, 0, 0, 1, 1},
    {"ordered by an empty section to read after one to write", "1:w x, acq l, rel l; 2:racq l, rrel l, w x",
     true, 0, 0, 1, 1},
    {"readers order nothing", "1:w x, racq l, rrel l; 2:racq l, rrel l, w x", true, 1, 1, 1, 1},
    {"a reader is waited for", "1:racq l, w x, rrel l; 2:acq l, rel l, w x", true, 0, 0, 0, 1},
    {"a reader is waited for, not the last one",
     "1:racq l; 2:racq l, rrel l; 1:w x, rrel l; 2:acq l, rel l, w x", true, 0, 0, 0, 1},
    {"tried successfully", "1:tryacq l, w x, rel l; 2:tryacq l, w x, rel l", true, 0, 0, 0, 0},
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
    {"who tries does not wait", "1:acq a, tryacq b, rel b, rel a; 2:acq b, tryacq a, rel a, rel b", 0},
    {"nor does one of the two", "1:acq a, tryacq b, rel b, rel a; 2:acq b, acq a, rel a, rel b", 0},
    {"who has tried is waited for", "1:tryacq a, acq b, rel b, rel a; 2:tryacq b, acq a, rel a, rel b", 1},
    {"all read", "1:racq a, racq b, rrel b, rrel a; 2:racq b, racq a, rrel a, rrel b", 0},
    {"readers of what the other writes", "1:acq a, racq b, rrel b, rel a; 2:acq b, racq a, rrel a, rel b", 1},
    {"writers of what the other reads", "1:racq a, acq b, rel b, rrel a; 2:racq b, acq a, rel a, rrel b", 1},
    {"a reader of what is only read", "1:racq a, acq b, rel b, rrel a; 2:acq b, racq a, rrel a, rel b", 0},
    {"a gate that is only read",
     "1:racq g, acq a, acq b, rel b, rel a, rrel g; 2:racq g, acq b, acq a, rel a, rel b, rrel g", 1},
    {"a gate that one of them writes",
     "1:racq g, acq a, acq b, rel b, rel a, rrel g; 2:acq g, acq b, acq a, rel a, rel b, rel g", 0},
    {"two readers that want to write", "1:racq a, acq a, rel a, rrel a; 2:racq a, acq a, rel a, rrel a", 1},
    {"ordered by a signal", "1:acq a, acq b, rel b, rel a, sig s; 2:await s, acq b, acq a, rel a, rel b", 0},
    {"ordered by what is seen",
     "1:acq a, acq b, rel b, rel a, provide s; 2:depend s, acq b, acq a, rel a, rel b", 0},
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
