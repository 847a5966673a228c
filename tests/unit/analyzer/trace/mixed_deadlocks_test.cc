// SPDX-License-Identifier: Apache-2.0
// Deadlocks of locks and channels together: on small traces whose truth is known, and on runs of random
// programs against all runs that these have. The seed of a program that fails is printed.
#include "analyzer/trace/mixed_deadlocks.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "analyzer/trace/witness_check.h"
#include "tests/unit/analyzer/trace/all_runs.h"
#include "tests/unit/analyzer/trace/channel_program.h"
#include "tests/unit/analyzer/trace/random_trace.h"
#include "tests/unit/analyzer/trace/recorded_run.h"
#include "tests/unit/analyzer/trace/trace_text.h"

namespace stray::analyzer {
namespace {

struct MicroTrace {
  const char* name;
  const char* text;
  std::vector<size_t> tasks;  // of each that is found
};

// 2 receives first: what 1 sends goes to it at once.
#define STRAY_HAND_OVER(before_recv, before_send, after_send, after_recv)                                  \
  "0:made c 0; 2:" before_recv "recv c, sig w; 1:" before_send "send c, await w, sig v, sent c" after_send \
  "; 2:await v, recvd c" after_recv

const MicroTrace kTraces[] = {
    {"a send under the lock that the receiver takes before",
     STRAY_HAND_OVER("acq m, rel m, ", "acq m, ", ", rel m", ""),
     {2}},
    {"a receive under the lock that the sender takes before",
     "0:made c 0; 2:acq m, rel m, send c, sig w; 1:acq m, recv c, await w, sig v, recvd c, rel m; 2:await v, "
     "sent c",
     {2}},
    {"the receiver takes no lock", STRAY_HAND_OVER("", "acq m, ", ", rel m", ""), {}},
    {"the receiver takes the lock afterwards", STRAY_HAND_OVER("", "acq m, ", ", rel m", ", acq m, rel m"), {}},
    {"the receiver takes another lock", STRAY_HAND_OVER("acq n, rel n, ", "acq m, ", ", rel m", ""), {}},
    {"the receiver only tries", STRAY_HAND_OVER("tryacq m, rel m, ", "acq m, ", ", rel m", ""), {}},
    {"both only read", STRAY_HAND_OVER("racq m, rrel m, ", "racq m, ", ", rrel m", ""), {}},
    {"one reads", STRAY_HAND_OVER("racq m, rrel m, ", "acq m, ", ", rel m", ""), {2}},
    {"nobody has the lock", STRAY_HAND_OVER("acq m, rel m, ", "acq m, rel m, ", "", ""), {}},
    {"a gate around both, which both keep",
     "0:made c 1; 2:acq g, acq m, rel m, rel g; 1:acq g, acq m, await s, provide p, sig s, send c, sent c, rel "
     "m, "
     "rel g; 2:recv c, await s, recvd c",
     {}},
    // What has kept them apart is read.
    {"ordered by what is read", STRAY_HAND_OVER("acq m, w x, rel m, ", "acq m, r x, ", ", rel m", ""), {}},
    {"ordered by a signal", STRAY_HAND_OVER("acq m, rel m, sig t, ", "await t, acq m, ", ", rel m", ""), {}},
    {"room for one",
     "0:made c 1; 2:acq m, rel m; 1:acq m, send c, sig s, sent c, rel m; 2:recv c, await s, recvd c",
     {}},
    {"no room for a second one",
     "0:made c 1; 1:send c, provide p, sig s, sent c; 2:acq m, rel m, recv c, await s, depend q, provide q, "
     "sig s, "
     "recvd c; 1:acq m, send c, await s, provide p, sig s, sent c, rel m",
     {2}},
    {"it is not known how many it holds",
     "2:acq m, rel m, recv c, sig w; 1:acq m, send c, await w, sig v, sent c, rel m; 2:await v, recvd c",
     {}},
    {"a timer sends, too",
     "0:made c 0; 0:fed c; 2:acq m, rel m, send c, sig w; 1:acq m, recv c, await w, sig v, recvd c, rel m; "
     "2:await v, "
     "sent c",
     {}},
    {"a third one could receive", STRAY_HAND_OVER("acq m, rel m, ", "acq m, ", ", rel m", "") "; 3:recv c", {}},
    {"a third one could receive by a select",
     STRAY_HAND_OVER("acq m, rel m, ", "acq m, ", ", rel m", "") "; 3:selrecv c, selrecv d",
     {}},
    {"a third one only tries to",
     STRAY_HAND_OVER("acq m, rel m, ", "acq m, ", ", rel m", "") "; 3:tryrecv c, left c",
     {}},
    {"a third one wants the lock, too",
     STRAY_HAND_OVER("acq m, rel m, ", "acq m, ", ", rel m", "") "; 3:acq m, rel m, recv c",
     {3}},
    {"a third one is started by the second",
     STRAY_HAND_OVER("acq m, rel m, fork T3, ", "acq m, ", ", rel m", "") "; 3:recv c",
     {2}},
    {"a third one could close it",
     "0:made c 0; 2:acq m, rel m, send c, sig w; 1:acq m, recv c, await w, sig v, recvd c, rel m; 2:await v, "
     "sent c; "
     "3:close c, closed c",
     {}},
    {"a third one closes it when both are done",
     "0:made c 0; 3:add g, add g, fork T1, fork T2; 2:acq m, rel m, send c, sig w; 1:acq m, recv c, await w, "
     "sig v, recvd c, rel m; "
     "2:await v, sent c; 1:done g, sig g; 2:done g, sig g; 3:wait g, await g, waited g, close c, closed c",
     {2}},
    {"a third one closes it when another one is done",
     "0:made c 0; 3:add g; 2:acq m, rel m, send c, sig w; 1:acq m, recv c, await w, sig v, recvd c, rel m; "
     "2:await v, sent c; 0:done g, sig g; 3:wait g, await g, waited g, close c, closed c",
     {}},
    {"a select of several does not wait for one",
     "0:made c 0; 2:acq m, rel m, recv c, sig w; 1:acq m, selsend c, selsend d, await w, sig v, sent c, rel m; "
     "2:await v, recvd c",
     {}},
    {"who only tries does not wait",
     "0:made c 0; 2:acq m, rel m, recv c, sig w; 1:acq m, trysend c, await w, sig v, sent c, rel m; 2:await v, "
     "recvd c",
     {}},
    {"another lock in between",
     "0:made c 0; 3:acq n, acq m, rel m, rel n; 2:acq n, rel n, recv c, sig w; 1:acq m, send c, await w, sig "
     "v, sent c, "
     "rel m; 2:await v, recvd c",
     {3}},
    {"another channel in between",
     "0:made c 0, made d 0; 3:acq m, rel m, send d, sig a; 2:recv d, await a, sig b, recvd d; 3:await b, sent "
     "d; "
     "2:recv c, sig w; 1:acq m, send c, await w, sig v, sent c, rel m; 2:await v, recvd c",
     {2}},
};

TEST(MixedDeadlocksTest, AreThoseThatNobodyCanHelp) {
  for (const MicroTrace& micro : kTraces) {
    SCOPED_TRACE(micro.name);
    const Trace trace = TraceOf(micro.text);
    const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
    ASSERT_TRUE(index.ok()) << index.status();
    const MixedDeadlocks found = PredictMixedDeadlocks(*index);
    EXPECT_TRUE(found.is_complete);
    std::vector<size_t> tasks;
    for (const MixedDeadlock& deadlock : found.found) {
      tasks.push_back(deadlock.waits.size());
      const absl::Status valid = WitnessChecker(trace).CheckMixed(WitnessOf(deadlock));
      EXPECT_TRUE(valid.ok()) << valid;
    }
    EXPECT_EQ(tasks, micro.tasks);
  }
}

TEST(MixedDeadlocksTest, WhatIsNotLookedAtIsSaid) {
  const Trace trace = TraceOf(kTraces[0].text);
  const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
  ASSERT_TRUE(index.ok());
  EXPECT_FALSE(PredictMixedDeadlocks(*index, {.most_steps = 0, .most_steps_per_event = 0}).is_complete);
}

TEST(MixedDeadlocksTest, TheCheckerKnowsWhoCanGoOn) {
  const Trace trace = TraceOf(STRAY_HAND_OVER("acq m, rel m, ", "acq m, ", ", rel m", ""));
  const WitnessChecker checker(trace);
  const auto check = [&](std::vector<EventIndex> events, std::vector<EventIndex> next) {
    return std::string(checker.CheckMixed({.events = std::move(events), .next = std::move(next)}).message());
  };
  EXPECT_EQ(check({0, 5}, {6, 1}), "");
  EXPECT_EQ(check({0, 1, 2, 5}, {6, 3}), "it is not of a channel and a lock");
  EXPECT_EQ(check({0, 5}, {6}), "it is not of a channel and a lock");
  EXPECT_EQ(check({0}, {5, 1}), "it is not of a channel and a lock");
  EXPECT_EQ(check({0, 1, 5}, {6, 2}), "event 6: the lock is held");
  EXPECT_EQ(check({0, 5}, {6, 2}), "event 3: its task does something else first");
}

struct Tally {
  size_t programs = 0, with = 0, found = 0, deadlocks = 0;
};

void CheckProgram(uint64_t seed, Tally& tally) {
  const ChannelProgram program = ChannelProgram::Random(seed);
  std::vector<Trace> traces;
  bool is_whole = false;  // some run
  for (uint64_t order = 0; order < 4; ++order) {
    RecordedRun run(program, seed * 16 + order);
    std::optional<Trace> trace = run.Run();
    if (!trace.has_value()) continue;
    is_whole = is_whole || run.IsWhole();
    traces.push_back(*std::move(trace));
  }
  if (traces.empty()) return;
  ++tally.programs;
  const AllRuns all(program);
  bool has_any = false;
  for (const Trace& trace : traces) {
    const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
    ASSERT_TRUE(index.ok()) << index.status();
    for (const MixedDeadlock& deadlock : PredictMixedDeadlocks(*index).found) {
      has_any = true;
      ++tally.deadlocks;
      const absl::Status valid = WitnessChecker(trace).CheckMixed(WitnessOf(deadlock));
      EXPECT_TRUE(valid.ok()) << valid;
      std::map<uint32_t, uint32_t> where;
      for (const EventIndex wait : deadlock.waits)
        where[trace.events[wait].task] = RecordedRun::CommandOf(trace.events[wait]);
      EXPECT_TRUE(all.CanHang(where)) << StdText(trace) << "events " << testing::PrintToString(deadlock.waits);
    }
  }
  if (!is_whole) return;
  tally.with += all.mixed().empty() ? 0 : 1;
  tally.found += has_any ? 1 : 0;
}

TEST(MixedDeadlocksTest, NoneIsFalseInAllRunsOfRandomPrograms) {
  Tally tally;
  const uint64_t count = std::max<uint64_t>(TraceCount() / 10, 1);
  for (uint64_t seed = 1; seed <= count; ++seed) {
    CheckProgram(seed, tally);
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
  RecordProperty("programs", static_cast<int>(tally.programs));
  RecordProperty("with", static_cast<int>(tally.with));
  RecordProperty("found", static_cast<int>(tally.found));
  RecordProperty("deadlocks", static_cast<int>(tally.deadlocks));
  // Of those that the search does not find some have been hung in the run itself, or turn sections round.
  EXPECT_GT(tally.found, count / 10);
  EXPECT_GT(tally.found, tally.with * 4 / 5);
}

}  // namespace
}  // namespace stray::analyzer
