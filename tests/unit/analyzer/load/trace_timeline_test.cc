// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/trace_timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/wire/channel_turns.h"
#include "agent/wire/goroutine_records.h"
#include "tests/unit/analyzer/load/recorded_events.h"

namespace stray::analyzer {
namespace {

using box::EventKind;
using box::WaitReason;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using trace::FirstWord;
using trace::Op;

constexpr uint64_t kChannel = 0x7000;

// What threads and goroutines do, with the time.
class Doings {
 public:
  void Now(uint32_t stream, uint64_t ns) { events_.Plain(stream, Op::kNow, ns); }
  void Begin(uint32_t stream, uint64_t ns) {
    Now(stream, ns);
    events_.Ordered(stream, Op::kBegin, 0, 0x100000 * stream, 0);
  }
  void End(uint32_t stream, uint64_t ns) {
    Now(stream, ns);
    events_.Ordered(stream, Op::kEnd, 0, 0);
  }
  void Wait(uint32_t stream, uint64_t ns, WaitReason reason, uint64_t what, uint64_t site = 0) {
    Now(stream, ns);
    events_.Ordered(stream, Op::kWait, static_cast<uint8_t>(reason), what, site);
  }
  void EndWait(uint32_t stream, uint64_t ns) {
    Now(stream, ns);
    events_.Ordered(stream, Op::kWaitEnd, 0, 0);
  }
  void Create(uint32_t stream, uint64_t ns, uint64_t fiber, uint64_t goroutine) {
    Now(stream, ns);
    events_.Ordered(stream, Op::kFiberCreate, 0, fiber);
    events_.Words(stream, {FirstWord(Op::kFiberName, 0, fiber), goroutine});
  }
  void Switch(uint32_t stream, uint64_t ns, uint64_t fiber) {
    Now(stream, ns);
    events_.Ordered(stream, Op::kFiberSwitch, 0, fiber);
  }
  void Park(uint32_t stream, uint64_t ns, WaitReason reason) {
    Now(stream, ns);
    events_.Ordered(stream, Op::kPark, static_cast<uint8_t>(reason), kChannel, 0);
  }
  void Ready(uint32_t stream, uint64_t ns, uint64_t goroutine) {
    Now(stream, ns);
    events_.Ordered(stream, Op::kReady, 0, goroutine);
  }
  void Make(uint32_t stream, uint64_t capacity) {
    events_.Words(stream, {FirstWord(Op::kChannelMade, 0, kChannel), 0, capacity});
  }
  void Put(uint32_t stream, uint64_t ns) { Turn(stream, ns, trace::PutTurn(kChannel)); }
  void TakeOut(uint32_t stream, uint64_t ns) { Turn(stream, ns, trace::TakeTurn(kChannel)); }
  void Lose(uint32_t stream) { events_.Plain(stream, Op::kLost, 1); }
  void EndFiber(uint32_t stream, uint64_t fiber) { events_.Ordered(stream, Op::kFiberEnd, 0, fiber); }
  void BecomeMachine(uint32_t stream) { events_.Plain(stream, Op::kMachine, 0); }
  void Hook(uint32_t stream, uint64_t ns, EventKind kind, uint32_t object) {
    Now(stream, ns);
    events_.Hook(stream, kind, object);
  }

  void CreateThread(uint32_t stream, uint64_t ns, uint32_t thread) {
    Now(stream, ns);
    events_.Begun(stream, EventKind::kCreate, thread);
  }

  Timeline Take(const TimelineLimits& limits = {}) {
    ProcessModel process;
    for (const uint32_t thread : {1, 2}) {
      wire::Task& task = process.tasks.emplace_back();
      task.set_id(thread);
      task.set_kind("thread");
    }
    process.tasks[1].set_name("worker");
    wire::Object& channel = process.objects.emplace_back();
    channel.set_id(77);
    channel.set_kind("channel");
    channel.set_address(kChannel);
    process.trace_blocks = events_.Blocks();
    std::vector<std::string> damage;
    AddTimeline(process, limits, damage);
    EXPECT_THAT(damage, IsEmpty());
    stacks = process.stacks;
    return process.timeline.value_or(Timeline());
  }

  std::vector<wire::Stack> stacks;  // after Take()

 private:
  void Turn(uint32_t stream, uint64_t ns, uint64_t address) {
    Now(stream, ns);
    events_.Ordered(stream, Op::kRelease, trace::kOrderOnly, address);
  }

  RecordedEvents events_;
};

// "T1: running 0-10, waiting(7 on 5) 10-20".
std::vector<std::string> Lines(const Timeline& timeline) {
  std::vector<std::string> lines;
  for (const TaskLife& life : timeline.lives) {
    std::string line =
        life.is_thread ? absl::StrCat("T", life.task) : absl::StrCat("G", life.task - box::kFirstGoroutine);
    absl::StrAppend(&line, life.has_ended ? " ended" : "", ":");
    for (const ActivitySpan& span : life.spans) {
      constexpr const char* kWords[] = {"running", "runnable", "waiting", "mixed"};
      absl::StrAppend(&line, " ", kWords[static_cast<size_t>(span.state)]);
      if (span.state == Activity::kWaiting)
        absl::StrAppend(&line, "(", span.wait_reason, " on ", span.object, ")");
      absl::StrAppend(&line, " ", span.begin_ns, "-", span.end_ns);
    }
    lines.push_back(line);
  }
  return lines;
}

// "T1 10 wakes T2 20".
std::vector<std::string> Arrows(const Timeline& timeline) {
  std::vector<std::string> lines;
  const auto name = [&](uint32_t life) {
    const TaskLife& one = timeline.lives[life];
    return absl::StrCat(one.is_thread ? "T" : "G", one.task % box::kFirstGoroutine);
  };
  for (const LifeArrow& arrow : timeline.arrows) {
    constexpr const char* kWords[] = {" creates ", " wakes ", " hands over to ", " sends "};
    lines.push_back(absl::StrCat(name(arrow.from), " ", arrow.from_ns, kWords[static_cast<size_t>(arrow.kind)],
                                 name(arrow.to), " ", arrow.to_ns));
  }
  return lines;
}

TEST(TraceTimelineTest, ThreadsRunWaitAndEnd) {
  Doings doings;
  doings.Begin(1, 10);
  doings.Wait(1, 50, WaitReason::kNanosleep, 0);
  doings.EndWait(1, 90);
  doings.End(1, 120);
  EXPECT_THAT(Lines(doings.Take()),
              ElementsAre("T1 ended: running 10-50 waiting(30 on 0) 50-90 running 90-120"));
}

TEST(TraceTimelineTest, WhoHasNotEndedGoesOnToTheEndOfAll) {
  Doings doings;
  doings.Begin(1, 0);
  doings.Begin(2, 0);
  doings.Wait(1, 50, WaitReason::kMutexLock, 5);
  doings.End(2, 200);
  EXPECT_THAT(Lines(doings.Take()),
              ElementsAre("T1: running 0-50 waiting(1 on 5) 50-200", "T2 ended: running 0-200"));
}

TEST(TraceTimelineTest, WhoGivesALockBackHandsItOver) {
  Doings doings;
  doings.Begin(1, 0);
  doings.Begin(2, 0);
  doings.Wait(2, 50, WaitReason::kMutexLock, 5);
  doings.Hook(1, 70, EventKind::kUnlock, 5);
  doings.EndWait(2, 80);
  EXPECT_THAT(Arrows(doings.Take()), ElementsAre("T1 70 hands over to T2 80"));
}

TEST(TraceTimelineTest, WhatWasGivenBackBeforeTheWaitEndsNone) {
  Doings doings;
  doings.Begin(1, 0);
  doings.Begin(2, 0);
  doings.Hook(1, 20, EventKind::kUnlock, 5);
  doings.Wait(2, 50, WaitReason::kMutexLock, 5);
  doings.EndWait(2, 80);
  EXPECT_THAT(Arrows(doings.Take()), IsEmpty());
}

TEST(TraceTimelineTest, AThreadIsCreatedAndJoined) {
  Doings doings;
  doings.Begin(1, 0);
  doings.CreateThread(1, 20, 2);
  doings.Begin(2, 30);
  doings.Wait(1, 40, WaitReason::kJoin, 2);
  doings.End(2, 60);
  doings.EndWait(1, 65);
  EXPECT_THAT(Arrows(doings.Take()), ElementsAre("T1 20 creates T2 30", "T2 65 wakes T1 65"));
}

TEST(TraceTimelineTest, GoroutinesOfOneThread) {
  Doings doings;
  doings.Begin(9, 0);
  doings.Create(9, 10, 1, 100);
  doings.Switch(9, 20, 1);
  doings.Create(9, 30, 2, 101);
  doings.Park(9, 40, WaitReason::kChanReceive);
  doings.Switch(9, 45, 2);
  doings.Ready(9, 60, 100);
  doings.Switch(9, 70, 0);
  doings.EndFiber(9, 2);
  doings.Switch(9, 80, 1);
  doings.Now(9, 100);
  const Timeline timeline = doings.Take();
  EXPECT_THAT(
      Lines(timeline),
      ElementsAre("G100: runnable 10-20 running 20-40 waiting(101 on 77) 40-60 runnable 60-80 running 80-100",
                  "G101 ended: runnable 30-45 running 45-70"));
  EXPECT_THAT(Arrows(timeline), ElementsAre("G100 30 creates G101 30", "G101 60 wakes G100 60"));
}

TEST(TraceTimelineTest, ActingInTheNameOfOneThatStandsStillIsNoRun) {
  Doings doings;
  doings.Begin(9, 0);
  doings.Create(9, 10, 1, 100);
  doings.Create(9, 10, 2, 101);
  doings.Switch(9, 20, 1);
  doings.Park(9, 30, WaitReason::kChanReceive);
  doings.Switch(9, 30, 2);
  doings.Switch(9, 40, 1);  // in its place
  doings.Switch(9, 40, 2);
  doings.Ready(9, 50, 100);
  doings.Park(9, 60, WaitReason::kSleep);
  doings.Switch(9, 60, 1);
  doings.Now(9, 80);
  EXPECT_THAT(
      Lines(doings.Take()),
      ElementsAre("G100: runnable 10-20 running 20-30 waiting(101 on 77) 30-50 runnable 50-60 running 60-80",
                  "G101: runnable 10-30 running 30-60 waiting(111 on 77) 60-80"));
}

TEST(TraceTimelineTest, ValuesLeaveABufferInTheOrderInWhichTheyCame) {
  Doings doings;
  doings.Begin(1, 0);
  doings.Begin(2, 0);
  doings.Make(1, 2);
  doings.Put(1, 10);
  doings.Put(2, 20);
  doings.TakeOut(2, 30);
  doings.TakeOut(1, 40);
  doings.Put(1, 50);
  doings.TakeOut(1, 60);  // its own
  EXPECT_THAT(Arrows(doings.Take()), ElementsAre("T1 10 sends T2 30", "T2 20 sends T1 40"));
}

TEST(TraceTimelineTest, OfATakenPlaceTheWakeTellsEnough) {
  Doings doings;
  doings.Begin(9, 0);
  doings.Make(9, 1);
  doings.Create(9, 10, 1, 100);
  doings.Create(9, 10, 2, 101);
  doings.Switch(9, 20, 1);
  doings.Park(9, 30, WaitReason::kChanReceive);
  doings.Switch(9, 30, 2);
  doings.Put(9, 40);
  doings.Switch(9, 40, 1);
  doings.TakeOut(9, 40);
  doings.Switch(9, 40, 2);
  doings.Ready(9, 50, 100);
  EXPECT_THAT(Arrows(doings.Take()), ElementsAre("G101 50 wakes G100 50"));
}

TEST(TraceTimelineTest, NothingIsGuessedOfValuesOnceTurnsAreMissing) {
  for (const bool is_told : {true, false}) {
    Doings doings;
    doings.Begin(1, 0);
    doings.Begin(2, 0);
    doings.Make(1, 2);
    doings.Put(1, 10);
    if (is_told) {
      doings.Lose(1);
    } else {
      doings.TakeOut(1, 20);
      doings.TakeOut(1, 20);
    }
    doings.Put(1, 30);
    doings.TakeOut(2, 40);
    EXPECT_THAT(Arrows(doings.Take()), IsEmpty());
  }
}

TEST(TraceTimelineTest, WhoIsWokenByNobodyRunsOnceItDoesSomething) {
  Doings doings;
  doings.Begin(9, 0);
  doings.Create(9, 10, 1, 100);
  doings.Switch(9, 20, 1);
  doings.Park(9, 30, WaitReason::kSleep);
  doings.Switch(9, 30, 0);
  doings.Switch(9, 50, 1);
  doings.Park(9, 60, WaitReason::kSleep);
  doings.Now(9, 80);
  EXPECT_THAT(Lines(doings.Take()), ElementsAre("G100: runnable 10-20 running 20-30 waiting(111 on 77) 30-50 "
                                                "running 50-60 waiting(111 on 77) 60-80"));
}

TEST(TraceTimelineTest, PlacesBecomeStacks) {
  Doings doings;
  doings.Begin(1, 0);
  doings.Wait(1, 10, WaitReason::kPause, 0, 0x401000);
  doings.EndWait(1, 20);
  doings.Wait(1, 30, WaitReason::kPause, 0, box::kSiteIsStack | 12);
  doings.End(1, 50);
  const Timeline timeline = doings.Take();
  ASSERT_EQ(doings.stacks.size(), 1u);
  EXPECT_EQ(doings.stacks[0].addresses(0), 0x401000u);
  EXPECT_EQ(timeline.lives[0].spans[1].stack, doings.stacks[0].id());
  EXPECT_EQ(timeline.lives[0].spans[3].stack, 12u);
}

TEST(TraceTimelineTest, ShortSpansAreJoinedUntilTheyFit) {
  constexpr uint64_t kTurn = 10'000;
  const auto timeline_with = [](const TimelineLimits& limits) {
    Doings doings;
    doings.Begin(1, 0);
    for (uint64_t i = 0; i < 1000; ++i) {
      doings.Wait(1, i * kTurn + 100, WaitReason::kPause, 0);
      doings.EndWait(1, i * kTurn + 200);
    }
    doings.Wait(1, 1000 * kTurn, WaitReason::kNanosleep, 0);
    doings.EndWait(1, 3000 * kTurn);
    doings.End(1, 4000 * kTurn);
    return doings.Take(limits);
  };
  EXPECT_EQ(timeline_with({}).SpanCount(), 2003u);
  const Timeline timeline = timeline_with({.spans = 10, .arrows = 10});
  EXPECT_THAT(Lines(timeline), ElementsAre("T1 ended: mixed 0-10000000 waiting(30 on 0) 10000000-30000000 "
                                           "running 30000000-40000000"));
  EXPECT_GT(timeline.shortest_ns, kTurn);
}

TEST(TraceTimelineTest, LivesThatDoNotFitAreCounted) {
  Doings doings;
  doings.Begin(9, 0);
  for (uint64_t i = 1; i <= 100; ++i) {
    doings.Create(9, i * 100, i, i);
    doings.Switch(9, i * 100 + 10, i);
    doings.Switch(9, i * 100 + 20 + i % 2, 0);
    doings.EndFiber(9, i);
  }
  const Timeline timeline = doings.Take({.spans = 50, .arrows = 10});
  EXPECT_LE(timeline.SpanCount(), 50u);
  EXPECT_EQ(timeline.lives.size() + timeline.lives_left_out, 100u);
  for (const LifeArrow& arrow : timeline.arrows) {
    EXPECT_LT(arrow.from, timeline.lives.size());
    EXPECT_LT(arrow.to, timeline.lives.size());
  }
}

TEST(TraceTimelineTest, ThreadsThatRunGoroutinesAreNoTasks) {
  Doings doings;
  doings.Begin(1, 0);
  doings.Begin(2, 0);
  doings.BecomeMachine(2);
  doings.End(2, 50);
  doings.End(1, 60);
  EXPECT_THAT(Lines(doings.Take()), ElementsAre("T1 ended: running 0-60"));
}

TEST(TraceTimelineTest, NothingIsDoneAfterTheEnd) {
  Doings doings;
  doings.Begin(1, 0);
  doings.End(1, 50);
  doings.Wait(1, 70, WaitReason::kPause, 0);
  doings.End(1, 90);
  EXPECT_THAT(Lines(doings.Take()), ElementsAre("T1 ended: running 0-50"));
}

TEST(TraceTimelineTest, NoTraceHasNone) {
  ProcessModel process;
  std::vector<std::string> damage;
  AddTimeline(process, {}, damage);
  EXPECT_FALSE(process.timeline.has_value());
}

}  // namespace
}  // namespace stray::analyzer
