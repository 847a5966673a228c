// SPDX-License-Identifier: Apache-2.0
// What is foreseen of channels and wait groups: on small traces whose truth is known, and on random ones
// against a search through all orders of the events.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "analyzer/trace/missed_meetings.h"
#include "analyzer/trace/negative_groups.h"
#include "analyzer/trace/predicted_closes.h"
#include "analyzer/trace/witness_check.h"
#include "tests/unit/analyzer/trace/all_orders.h"
#include "tests/unit/analyzer/trace/random_trace.h"
#include "tests/unit/analyzer/trace/trace_text.h"

namespace stray::analyzer {
namespace {

struct MicroTrace {
  const char* name;
  const char* text;
  size_t found;
};

constexpr MicroTrace kCloses[] = {
    {"a send and a close", "1:send c, sent c; 2:close c, closed c", 1},
    {"of two channels", "1:send c, sent c; 2:close d, closed d", 0},
    {"of one task", "1:send c, sent c, close c, closed c", 0},
    {"two sends", "1:send c, sent c; 2:send c, sent c", 0},
    {"two closes", "1:close c, closed c; 2:close c", 1},
    {"a close after a wait group", "1:send c, sent c, sig g; 2:await g, close c, closed c", 0},
    {"a close by who has received", "1:send c, sig s; 2:recv c, await s, recvd c, close c, closed c; 1:sent c",
     0},
    {"a close by who has received another one's",
     "1:send c, sent c; 3:send c, sig s, sent c; 2:recv c, await s, recvd c, close c, closed c", 1},
    {"ordered by an empty section", "1:send c, sent c, acq l, rel l; 2:acq l, rel l, close c, closed c", 1},
    {"both locked", "1:acq l, send c, sent c, rel l; 2:acq l, close c, closed c, rel l", 0},
    {"senders read what the closer writes",
     "1:racq l, send c, sent c, rrel l; 2:acq l, close c, closed c, rel l", 0},
    {"after a flag that is read under the lock",
     "1:send c, sent c, acq l, w x, rel l; 2:acq l, r x, rel l, close c, closed c", 0},
    {"a send of a select", "1:selsend c, selrecv d, sent c; 2:close c, closed c", 0},
    {"what a select found ready", "1:sent c; 2:close c, closed c", 0},
    {"a receive", "1:recv c; 2:close c, closed c; 1:recvnone c", 0},
    {"what is seen by an atomic", "1:send c, sent c, provide s; 2:depend s, close c, closed c", 0},
    {"before the fork", "0:send c, sent c, fork T1; 1:close c, closed c", 0},
    {"after the fork", "0:fork T1, send c, sent c; 1:close c, closed c", 1},
};

constexpr MicroTrace kGroups[] = {
    {"an add before the fork", "0:add g, fork T1; 1:done g; 0:wait g, waited g", 0},
    {"an add after the fork", "0:fork T1, add g; 1:done g; 0:wait g, waited g", 1},
    {"by the task itself", "0:fork T1; 1:add g, done g; 0:wait g, waited g", 0},
    {"two dones of which one may come first", "0:add g, fork T1, fork T2; 1:done g; 0:add g; 2:done g", 1},
    {"one add for two dones that come after each other",
     "0:add g, fork T1; 1:done g, sig s; 0:await s, add g; "
     "0:sig t; 1:await t, done g",
     0},
    {"an add of another task", "0:add g, fork T1, fork T2; 1:add g, done g; 2:done g", 0},
    {"what another task has added is needed twice",
     "0:fork T1, fork T2; 1:add g, sig s; 2:await s, done g; "
     "1:add g, done g",
     0},
    {"an add that is ordered by an empty section only", "1:add g, acq l, rel l; 2:acq l, rel l, done g", 1},
    {"an add that is ordered by a section that is read in",
     "1:add g, acq l, w x, rel l; 2:acq l, r x, rel l, done g", 0},
    // Each done has an add, but not both if they are alone.
    {"two that share", "0:add g, fork T1, fork T2, fork T3; 3:add g; 1:done g; 2:done g", 1},
    {"two groups", "0:add g, fork T1; 1:done g; 0:fork T2, add h; 2:done h", 1},
    {"a lock whose sections keep their order", "1:add g, acq l; 2:fork T3; 1:rel l; 3:acq l, rel l, done g", 1},
    {"a lock that both need", "1:acq l, add g, rel l; 2:acq l, done g, rel l", 1},
};

TEST(ChannelTracesTest, ClosesAreThoseThatCanComeBeforeASend) {
  for (const MicroTrace& micro : kCloses) {
    SCOPED_TRACE(micro.name);
    const Trace trace = TraceOf(micro.text);
    const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
    ASSERT_TRUE(index.ok()) << index.status();
    const std::vector<AccessPair> found = PredictCloses(*index, PairsWanted::kEverySecond);
    EXPECT_EQ(found.size(), micro.found);
    for (const AccessPair& pair : found) {
      const absl::Status valid = WitnessChecker(trace).CheckClose(WitnessOf(*index, pair));
      EXPECT_TRUE(valid.ok()) << valid;
    }
  }
}

TEST(ChannelTracesTest, GroupsAreThoseThatCanFallBelowZero) {
  for (const MicroTrace& micro : kGroups) {
    SCOPED_TRACE(micro.name);
    const Trace trace = TraceOf(micro.text);
    const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
    ASSERT_TRUE(index.ok()) << index.status();
    const NegativeGroups groups = FindNegativeGroups(*index);
    EXPECT_TRUE(groups.is_complete);
    EXPECT_EQ(groups.found.size(), micro.found);
    for (const NegativeGroup& group : groups.found) {
      const absl::Status valid = WitnessChecker(trace).CheckNegative(WitnessOf(*index, group));
      EXPECT_TRUE(valid.ok()) << valid;
      EXPECT_EQ(trace.events[group.late_add].op, TraceOp::kAdd);
    }
  }
}

TEST(ChannelTracesTest, WhatIsNotLookedAtIsSaid) {
  const Trace trace = TraceOf("0:fork T1, add g; 1:done g");
  const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
  ASSERT_TRUE(index.ok());
  EXPECT_FALSE(FindNegativeGroups(*index, {.most_steps = 0}).is_complete);
}

struct MicroMeeting {
  const char* name;
  const char* text;
  std::vector<size_t> partners;  // of each that was never done
  bool has_others;               // of the first
};

TEST(ChannelTracesTest, MeetingsAreThoseThatCouldHaveBeen) {
  const MicroMeeting meetings[] = {
      {"all is done", "1:send c; 2:recv c, recvd c; 1:sent c", {}, false},
      {"nobody else", "1:recv c", {0}, false},
      {"who had met somebody else",
       "1:send c, sig s; 2:recv c, await s, recvd c; 1:sent c; 3:recv c",
       {1},
       true},
      {"both come before",
       "1:send c, sig s; 2:recv c, await s, recvd c, sig t; 1:sent c; 3:await t, recv c",
       {0},
       true},
      {"itself", "1:send c, sent c, recv c", {0}, false},
      {"each of a select", "1:send c, sent c; 2:selrecv c, selsend d; 3:recv d, recvd d", {1, 1}, true},
      {"a case of a select", "1:selsend c, selrecv d, recvd d; 2:recv c", {1}, true},
      {"found ready", "1:sent c; 2:recv c", {0}, true},
      {"two places", "1:send c, sent c, send c, sent c; 2:recv c", {2}, true},
      {"a lock keeps them apart", "1:acq l, send c, sent c, rel l; 2:acq l, recv c", {0}, true},
      {"ended since", "1:recv c, recvd c, w x; 2:send c, sent c", {}, false},
  };
  for (const MicroMeeting& micro : meetings) {
    SCOPED_TRACE(micro.name);
    const Trace trace = TraceOf(micro.text);
    const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
    ASSERT_TRUE(index.ok()) << index.status();
    std::vector<size_t> partners;
    const std::vector<MissedMeeting> found = FindMissedMeetings(*index);
    for (const MissedMeeting& meeting : found) {
      partners.push_back(meeting.partners.size());
      for (const EventIndex partner : meeting.partners) {
        const AccessPair pair = {std::min(partner, meeting.event), std::max(partner, meeting.event)};
        const absl::Status valid = WitnessChecker(trace).CheckMeeting(WitnessOf(*index, pair));
        EXPECT_TRUE(valid.ok()) << valid;
      }
    }
    EXPECT_EQ(partners, micro.partners);
    EXPECT_EQ(!found.empty() && found[0].others != 0, micro.has_others);
  }
}

TEST(ChannelTracesTest, WhatACheckerKnowsOfChannels) {
  const Trace trace = TraceOf("1:close c, closed c; 2:send c, sent c; 3:recv c, recvnone c");
  const WitnessChecker checker(trace);
  const auto check = [&](std::vector<EventIndex> events) {
    return std::string(checker.CheckClose({.events = std::move(events), .next = {0, 0}}).message());
  };
  EXPECT_EQ(check({0, 1, 2, 3}), "event 4: is sent on a channel that was closed before");
  EXPECT_EQ(check({4, 5}), "event 6: the channel is not closed");
  EXPECT_EQ(checker.CheckClose({.events = {}, .next = {2, 4}}).message(),
            "event 5: the other one has nothing to do with it");
  EXPECT_TRUE(checker.CheckClose({.events = {}, .next = {0, 2}}).ok());
}

// Events of channels and wait groups between those of `trace`, such as a program could have done.
Trace WithUses(const Trace& trace, uint64_t seed, bool has_locks) {
  std::mt19937_64 random(seed);
  Trace with = trace;
  with.channels = {"c", "d"};
  with.groups = {"g", "h"};
  with.marks.emplace_back("0");
  with.events.clear();
  int counters[2] = {0, 0};
  for (TraceEvent event : trace.events) {
    const auto thing = static_cast<uint32_t>(random() % 2);
    TraceEvent more = {event.task, thing, event.location, TraceOp::kAdd};
    const uint64_t kind = random() % 10;
    if (kind < 2) with.events.push_back((++counters[thing], more));
    more.op = TraceOp::kDone;
    if ((kind == 2 || kind == 3) && counters[thing] > 0) with.events.push_back((--counters[thing], more));
    more.op = kind == 4 ? TraceOp::kClose : TraceOp::kSend;
    if (kind == 4 || kind == 5) with.events.push_back(more);
    more.op = random() % 2 == 0 ? TraceOp::kReceive : TraceOp::kSelectReceive;
    if (kind == 6 || kind == 7) with.events.push_back(more);
    const bool is_of_lock =
        IsAcquire(event.op) || event.op == TraceOp::kRelease || event.op == TraceOp::kReleaseRead;
    if (is_of_lock && !has_locks) event = {event.task, 0, event.location, TraceOp::kDummy};
    with.events.push_back(event);
  }
  return with;
}

void CheckCloses(const TraceIndex& index, const Pairs& all) {
  const auto seconds_of = [](const auto& pairs) {
    std::set<EventIndex> seconds;
    for (const auto& [first, second] : pairs) seconds.insert(second);
    return seconds;
  };
  const std::vector<AccessPair> found = PredictCloses(index, PairsWanted::kEverySecond);
  EXPECT_EQ(seconds_of(found), seconds_of(all));
  for (const AccessPair& pair : found) EXPECT_TRUE(all.contains({pair.first, pair.second}));
  for (const auto& [first, second] : all) {
    const Witness witness = WitnessOf(index, AccessPair{first, second});
    const absl::Status valid = WitnessChecker(index.trace()).CheckClose(witness);
    EXPECT_TRUE(valid.ok()) << valid;
  }
}

void CheckMeetings(const TraceIndex& index, const Pairs& all) {
  for (const MissedMeeting& missed : FindMissedMeetings(index)) {
    const auto can_meet = [&](EventIndex other) {
      return all.contains({std::min(missed.event, other), std::max(missed.event, other)});
    };
    for (const EventIndex partner : missed.partners) {
      EXPECT_TRUE(can_meet(partner)) << missed.event << ' ' << partner;
      const AccessPair pair = {std::min(partner, missed.event), std::max(partner, missed.event)};
      const absl::Status valid = WitnessChecker(index.trace()).CheckMeeting(WitnessOf(index, pair));
      EXPECT_TRUE(valid.ok()) << valid;
    }
    ASSERT_TRUE(missed.are_all_known);
    if (!missed.partners.empty()) continue;
    for (EventIndex other = 0; other < index.trace().events.size(); ++other)
      EXPECT_FALSE(can_meet(other)) << missed.event << ' ' << other;
  }
}

// The groups that are found.
std::set<uint32_t> CheckGroups(const TraceIndex& index, const std::set<uint32_t>& all) {
  std::set<uint32_t> groups;
  for (const NegativeGroup& group : FindNegativeGroups(index).found) {
    groups.insert(group.group);
    EXPECT_TRUE(all.contains(group.group)) << group.group;
    const absl::Status valid = WitnessChecker(index.trace()).CheckNegative(WitnessOf(index, group));
    EXPECT_TRUE(valid.ok()) << valid;
  }
  return groups;
}

TEST(ChannelTracesTest, EnginesAgreeWithAllOrders) {
  size_t closes = 0, negatives = 0, meetings = 0, missed = 0;
  const uint64_t count = std::max<uint64_t>(TraceCount() / 4, 1);
  for (uint64_t seed = 1; seed <= count; ++seed) {
    const bool has_locks = seed % 2 == 0;
    const Trace trace = WithUses(RandomTrace(seed).Run(), seed, has_locks);
    const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
    ASSERT_TRUE(index.ok()) << "seed " << seed << ": " << index.status();
    const AllOrders orders(*index);
    CheckCloses(*index, orders.closes());
    CheckMeetings(*index, orders.meetings());
    const std::set<uint32_t> groups = CheckGroups(*index, orders.negatives());
    if (!has_locks) {
      EXPECT_EQ(groups, orders.negatives());
    }
    closes += orders.closes().size();
    negatives += orders.negatives().size();
    meetings += orders.meetings().size();
    missed += orders.negatives().size() - groups.size();
    ASSERT_FALSE(HasFailure()) << "seed " << seed << ":\n" << StdText(trace);
  }
  RecordProperty("closes", static_cast<int>(closes));
  RecordProperty("negatives", static_cast<int>(negatives));
  RecordProperty("missed", static_cast<int>(missed));
  EXPECT_GT(closes, count / 10);
  EXPECT_GT(negatives, count / 10);
  EXPECT_GT(meetings, count / 20);
  EXPECT_LE(missed, negatives / 100);
}

}  // namespace
}  // namespace stray::analyzer
