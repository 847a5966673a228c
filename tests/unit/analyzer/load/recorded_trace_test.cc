// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/recorded_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "analyzer/trace/std_format.h"
#include "analyzer/trace/trace_index.h"
#include "tests/unit/analyzer/load/recorded_events.h"

namespace stray::analyzer {
namespace {

using box::EventKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using trace::Op;

constexpr uint64_t kX = 0x7000, kY = 0x7008;

RecordedTrace TraceOf(ProcessModel& process) {
  process.Index();
  std::vector<std::string> damage;
  absl::StatusOr<RecordedTrace> recorded = ReadRecordedTrace(process, damage);
  EXPECT_TRUE(recorded.ok()) << recorded.status();
  EXPECT_THAT(damage, IsEmpty());
  if (!recorded.ok()) return RecordedTrace();
  const absl::StatusOr<TraceIndex> index = TraceIndex::Make(recorded->trace);
  EXPECT_TRUE(index.ok()) << index.status();
  return *std::move(recorded);
}

RecordedTrace TraceOf(RecordedEvents& events) {
  ProcessModel process;
  process.trace_blocks = events.Blocks();
  return TraceOf(process);
}

// A line of STD for each event, without the place.
std::vector<std::string> Lines(const RecordedTrace& recorded) {
  std::vector<std::string> lines = absl::StrSplit(StdText(recorded.trace), '\n', absl::SkipEmpty());
  for (std::string& line : lines) line.resize(line.rfind('|'));
  return lines;
}
std::vector<std::string> Lines(RecordedEvents& events) { return Lines(TraceOf(events)); }

// The callers of each event, innermost first: "30<20<10".
std::vector<std::string> Callers(const RecordedTrace& recorded) {
  std::vector<std::string> all;
  for (uint32_t at : recorded.callers_of) {
    std::vector<std::string> addresses;
    for (; at != 0; at = recorded.callers[at].parent)
      addresses.push_back(absl::StrCat(recorded.callers[at].address));
    all.push_back(absl::StrJoin(addresses, "<"));
  }
  return all;
}

TEST(RecordedTraceTest, AccessesThatCanRaceAreThereWithTheirPlaces) {
  RecordedEvents events;
  events.Write(1, kX, 8, 0x401000);
  events.Read(1, kY, 8, 0x401010);
  events.Read(2, kX, 8, 0x402000);
  const RecordedTrace recorded = TraceOf(events);
  EXPECT_EQ(StdText(recorded.trace), "T1|w(0x7000)|0\nT2|r(0x7000)|1\n");
  EXPECT_THAT(recorded.places, ElementsAre(0x401000, 0x402000));
  EXPECT_THAT(recorded.place_stacks, ElementsAre(0, 0));
  EXPECT_THAT(recorded.task_ids, ElementsAre(1, 2));
  EXPECT_EQ(recorded.recorded_events, 5u) << "with the clock";
  EXPECT_EQ(recorded.strange_events, 0u);
}

TEST(RecordedTraceTest, PlacesMayBeStacksAndUnknown) {
  RecordedEvents events;
  events.Hook(1, EventKind::kLock, 5, UINT64_MAX);
  events.Hook(1, EventKind::kUnlock, 5, box::kSiteIsStack | 77);
  events.Hook(1, EventKind::kLock, 5);
  const RecordedTrace recorded = TraceOf(events);
  EXPECT_EQ(StdText(recorded.trace), "T1|acq(M5)|0\nT1|rel(M5)|1\nT1|acq(M5)|2\n");
  EXPECT_THAT(recorded.places, ElementsAre(0, 0, 0));
  EXPECT_THAT(recorded.place_stacks, ElementsAre(UINT32_MAX, 77, 0));
}

TEST(RecordedTraceTest, RangesAreAccessesToEachWord) {
  RecordedEvents events;
  events.WriteRange(1, kX, 16);
  events.Read(2, kY, 4);
  events.Read(2, kX, 8);
  EXPECT_THAT(Lines(events),
              ElementsAre("T1|w(0x7000)", "T1|w(0x7008)", "T1|w(0x700c)", "T2|r(0x7008)", "T2|r(0x7000)"));
}

TEST(RecordedTraceTest, MemoryThatIsUsedAgainIsAnotherVariable) {
  RecordedEvents events;
  events.Write(1, kX, 8);
  events.Write(2, kX, 8);
  events.Ordered(2, Op::kNewMemory, 0, kX, 8);
  events.Write(2, kX, 8);
  events.Write(3, kX, 8);
  events.Ordered(4, Op::kBegin, 0, kX - 64, 128);
  events.Write(4, kX, 8);
  const RecordedTrace recorded = TraceOf(events);
  EXPECT_EQ(recorded.trace.variables, (std::vector<std::string>{"0x7000", "0x7000"}));
  EXPECT_THAT(Lines(recorded), ElementsAre("T1|w(0x7000)", "T2|w(0x7000)", "T2|w(0x7000)", "T3|w(0x7000)"));
  EXPECT_NE(recorded.trace.events[1].operand, recorded.trace.events[2].operand);
  EXPECT_EQ(recorded.trace.events[2].operand, recorded.trace.events[3].operand);
}

TEST(RecordedTraceTest, MemoryOfAThreadIsLeftOut) {
  RecordedEvents events;
  events.Ordered(1, Op::kThreadMemory, 0, kX, 8);
  events.Write(1, kX, 8);
  events.Write(2, kX, 8);
  events.Write(1, kY, 8);
  events.Write(2, kY, 8);
  EXPECT_THAT(Lines(events), ElementsAre("T1|w(0x7008)", "T2|w(0x7008)"));
}

TEST(RecordedTraceTest, LocksAreTakenTriedAndGivenBack) {
  RecordedEvents events;
  events.Ordered(1, Op::kRequest, 0, 5);
  events.Hook(1, EventKind::kLock, 5);
  events.Hook(1, EventKind::kUnlock, 5);
  events.Hook(2, EventKind::kTryLock, 5);
  events.Hook(2, EventKind::kUnlock, 5);
  EXPECT_THAT(Lines(events),
              ElementsAre("T1|req(M5)", "T1|acq(M5)", "T1|rel(M5)", "T2|tryacq(M5)", "T2|rel(M5)"));
}

TEST(RecordedTraceTest, LocksHaveTheNamesOfTheirObjects) {
  RecordedEvents events;
  events.Hook(1, EventKind::kLock, 5);
  events.Hook(1, EventKind::kLock, 6);
  ProcessModel process;
  process.trace_blocks = events.Blocks();
  process.objects.emplace_back().set_id(6);
  process.objects.back().set_name("queue_mutex");
  const RecordedTrace recorded = TraceOf(process);
  EXPECT_THAT(Lines(recorded), ElementsAre("T1|acq(M5)", "T1|acq(queue_mutex)"));
  EXPECT_THAT(recorded.lock_objects, ElementsAre(5, 6));
}

TEST(RecordedTraceTest, RwlocksAreGivenBackAsTheyWereTaken) {
  RecordedEvents events;
  events.Ordered(1, Op::kRequest, trace::kReadMode, 5);
  events.Hook(1, EventKind::kReadLock, 5);
  events.Hook(2, EventKind::kReadLock, 5);
  events.Hook(2, EventKind::kReadLock, 5);
  events.Hook(1, EventKind::kRwUnlock, 5);
  events.Hook(2, EventKind::kRwUnlock, 5);
  events.Hook(2, EventKind::kRwUnlock, 5);
  events.Hook(1, EventKind::kWriteLock, 5);
  events.Hook(1, EventKind::kRwUnlock, 5);
  EXPECT_THAT(Lines(events), ElementsAre("T1|racq(M5)", "T2|racq(M5)", "T2|racq(M5)", "T1|rrel(M5)",
                                         "T2|rrel(M5)", "T2|rrel(M5)", "T1|acq(M5)", "T1|rel(M5)"));
}

TEST(RecordedTraceTest, ARecursiveLockIsFreeWhenAllIsGivenBack) {
  RecordedEvents events;
  events.Hook(1, EventKind::kLock, 5);
  events.Hook(1, EventKind::kTryLock, 5);
  events.Hook(1, EventKind::kUnlock, 5);
  events.Hook(1, EventKind::kUnlock, 5);
  events.Hook(2, EventKind::kLock, 5);
  EXPECT_THAT(Lines(events),
              ElementsAre("T1|acq(M5)", "T1|tryacq(M5)", "T1|rel(M5)", "T1|rel(M5)", "T2|acq(M5)"));
}

TEST(RecordedTraceTest, WhatNoLockAllowsMakesItASync) {
  const std::vector<std::string> one_takes_the_others = {"T1|await(object5)", "T2|await(object5)",
                                                         "T1|sig(object5)"};
  RecordedEvents events;
  events.Ordered(1, Op::kRequest, 0, 5);  // from the start on, and so no request
  events.Hook(1, EventKind::kLock, 5);
  events.Hook(2, EventKind::kLock, 5);
  events.Hook(1, EventKind::kUnlock, 5);
  EXPECT_EQ(Lines(events), one_takes_the_others);
  events.Hook(1, EventKind::kReadLock, 5);
  events.Hook(2, EventKind::kWriteLock, 5);
  events.Hook(1, EventKind::kRwUnlock, 5);
  EXPECT_EQ(Lines(events), one_takes_the_others);
  events.Hook(1, EventKind::kWriteLock, 5);
  events.Hook(2, EventKind::kReadLock, 5);
  events.Hook(1, EventKind::kRwUnlock, 5);
  EXPECT_EQ(Lines(events), one_takes_the_others);
}

TEST(RecordedTraceTest, ALockThatAnotherGivesBackIsASyncAndOthersStayLocks) {
  RecordedEvents events;
  events.Hook(2, EventKind::kUnlock, 5);  // taken where nobody saw it
  events.Hook(1, EventKind::kLock, 6);
  events.Hook(1, EventKind::kTryLock, 7);
  events.Hook(2, EventKind::kUnlock, 7);
  events.Hook(1, EventKind::kUnlock, 6);
  events.Hook(1, EventKind::kLock, 5);
  EXPECT_THAT(Lines(events), ElementsAre("T2|sig(object5)", "T1|acq(M6)", "T1|await(object7)",
                                         "T2|sig(object7)", "T1|rel(M6)", "T1|await(object5)"));
}

TEST(RecordedTraceTest, ForksAndJoinsAreInTheTrace) {
  RecordedEvents events;
  events.Begun(1, EventKind::kCreate, 2);
  events.Hook(1, EventKind::kCreate, 2);
  events.Write(2, kX, 8);
  events.Hook(1, EventKind::kJoin, 2);
  events.Write(1, kX, 8);
  EXPECT_THAT(Lines(events), ElementsAre("T1|fork(T2)", "T2|w(0x7000)", "T1|join(T2)", "T1|w(0x7000)"));
}

TEST(RecordedTraceTest, WhatIsForkedOrJoinedTwiceIsStrange) {
  RecordedEvents events;
  events.Begun(1, EventKind::kCreate, 2);
  events.Begun(1, EventKind::kCreate, 2);
  events.Begun(3, EventKind::kCreate, 3);  // itself
  events.Hook(4, EventKind::kLock, 5);
  events.Begun(1, EventKind::kCreate, 4);  // has been there
  events.Hook(1, EventKind::kJoin, 2);
  events.Hook(1, EventKind::kJoin, 2);
  events.Hook(1, EventKind::kJoin, 1);  // itself
  events.Hook(1, EventKind::kJoin, 6);
  events.Begun(1, EventKind::kCreate, 6);  // has ended
  const RecordedTrace recorded = TraceOf(events);
  EXPECT_THAT(Lines(recorded), ElementsAre("T1|fork(T2)", "T4|acq(M5)", "T1|join(T2)", "T1|join(T6)"));
  EXPECT_EQ(recorded.strange_events, 6u);
}

TEST(RecordedTraceTest, WhatATaskDoesAfterItWasJoinedIsLeftOut) {
  RecordedEvents events;
  events.Hook(2, EventKind::kLock, 5);
  events.Hook(1, EventKind::kJoin, 2);
  events.Hook(2, EventKind::kUnlock, 5);  // so the lock stays taken,
  events.Begun(2, EventKind::kCreate, 4);
  events.Hook(2, EventKind::kJoin, 3);
  events.Hook(2, EventKind::kPost, 7);
  events.Write(2, kX, 8);
  events.Hook(1, EventKind::kLock, 5);  // and is none
  events.Hook(3, EventKind::kAcquire, 7);
  events.Write(3, kX, 8);
  const RecordedTrace recorded = TraceOf(events);
  EXPECT_THAT(Lines(recorded), ElementsAre("T2|await(object5)", "T1|join(T2)", "T1|await(object5)",
                                           "T3|depend(object7)", "T3|w(0x7000)"));
  EXPECT_EQ(recorded.strange_events, 5u);
}

TEST(RecordedTraceTest, FibersGoFromThreadToThread) {
  RecordedEvents events;
  events.Ordered(1, Op::kFiberCreate, 0, 9);
  events.Words(1, {trace::FirstWord(Op::kFiberName, 0, 9), 77});
  events.Ordered(1, Op::kFiberSwitch, 0, 9);
  events.Write(1, kX, 8);
  events.Ordered(1, Op::kFiberSwitch, 0, 0);
  events.Write(1, kX, 8);
  events.Ordered(2, Op::kFiberSwitch, 0, 9);
  events.Write(2, kX, 8);
  events.Hook(2, EventKind::kLock, 5);
  events.Ordered(2, Op::kFiberSwitch, 0, 0);
  events.Ordered(1, Op::kFiberSwitch, 0, 9);
  events.Hook(1, EventKind::kUnlock, 5);
  const RecordedTrace recorded = TraceOf(events);
  EXPECT_THAT(Lines(recorded), ElementsAre("T1|fork(G77)", "G77|w(0x7000)", "T1|w(0x7000)", "G77|w(0x7000)",
                                           "G77|acq(M5)", "G77|rel(M5)"));
  EXPECT_THAT(recorded.task_ids, ElementsAre(1, box::kFirstGoroutine + 77, 2));
}

TEST(RecordedTraceTest, FibersThatAreNoGoroutinesAreNoTasksOfTheModel) {
  RecordedEvents events;
  events.Ordered(1, Op::kFiberCreate, 0, 9);
  events.Ordered(1, Op::kFiberCreate, 0, 9);
  events.Ordered(1, Op::kFiberSwitch, 0, 10);
  events.Hook(1, EventKind::kLock, 5);
  const RecordedTrace recorded = TraceOf(events);
  EXPECT_THAT(Lines(recorded), ElementsAre("T1|fork(T0)", "T0|acq(M5)"));
  EXPECT_NE(recorded.trace.events[0].operand, recorded.trace.events[1].task);
  EXPECT_THAT(recorded.task_ids, ElementsAre(1, 0, 0));
  EXPECT_EQ(recorded.strange_events, 1u);
}

TEST(RecordedTraceTest, EventsHaveTheirCallers) {
  RecordedEvents events;
  const auto lock = [&] { events.Hook(1, EventKind::kLock, 5); };
  lock();
  events.Plain(1, Op::kEnter, 10);
  lock();
  events.Plain(1, Op::kEnter, 20);
  events.Plain(1, Op::kEnter, 30);
  lock();
  events.Plain(1, Op::kExit, 1);
  lock();
  events.Plain(1, Op::kExit, 5);  // there are not so many
  events.Plain(1, Op::kEnter, 20);
  lock();
  events.Plain(1, Op::kNoFrames, 0);
  lock();
  const RecordedTrace recorded = TraceOf(events);
  EXPECT_THAT(Callers(recorded), ElementsAre("", "10", "30<20<10", "10", "20<10", ""));
  EXPECT_EQ(recorded.callers.size(), 4u) << "nobody, and each list once";
}

TEST(RecordedTraceTest, CallersAreThoseOfTheTaskAndNotOfTheThread) {
  RecordedEvents events;
  events.Plain(1, Op::kEnter, 10);
  events.Ordered(1, Op::kFiberSwitch, 0, 9);
  events.Plain(1, Op::kEnter, 20);
  events.Hook(1, EventKind::kLock, 5);
  events.Ordered(1, Op::kFiberSwitch, 0, 0);
  events.Hook(1, EventKind::kLock, 6);
  events.Ordered(2, Op::kFiberSwitch, 0, 9);
  events.Hook(2, EventKind::kUnlock, 5);
  EXPECT_THAT(Callers(TraceOf(events)), ElementsAre("20", "10", "20"));
}

TEST(RecordedTraceTest, AWaitOfASemaphoreHasWhatThePostOfItsNumberGave) {
  RecordedEvents events;
  for (int i = 0; i < 3; ++i) events.Hook(1, EventKind::kAcquire, 5);
  events.Hook(2, EventKind::kPost, 5);
  events.Hook(3, EventKind::kPost, 5);
  for (int i = 0; i < 2; ++i) events.Hook(1, EventKind::kAcquire, 5);
  ProcessModel process;
  process.trace_blocks = events.Blocks();
  process.objects.emplace_back().set_id(5);
  process.objects.back().set_value(3);
  EXPECT_THAT(Lines(TraceOf(process)),
              ElementsAre("T1|depend(object5)", "T1|depend(object5)", "T1|depend(object5)",
                          "T2|provide(object5)", "T2|sig(semaphore5.1)", "T3|provide(object5)",
                          "T3|sig(semaphore5.2)", "T1|depend(object5)", "T1|await(semaphore5.1)",
                          "T1|depend(object5)", "T1|await(semaphore5.2)"));
}

TEST(RecordedTraceTest, AWaitBeyondAllPostsDependsOnThemOnly) {
  RecordedEvents events;
  events.Hook(2, EventKind::kPost, 5);
  events.Hook(1, EventKind::kAcquire, 5);
  events.Hook(1, EventKind::kAcquire, 5);
  EXPECT_THAT(Lines(events),
              ElementsAre("T2|provide(object5)", "T2|sig(semaphore5.1)", "T1|depend(object5)",
                          "T1|await(semaphore5.1)", "T1|depend(object5)"));
}

TEST(RecordedTraceTest, ConditionsOrderNoMemory) {
  RecordedEvents events;
  events.Hook(1, EventKind::kWait, 6);
  events.Begun(2, EventKind::kSignal, 6);
  events.Hook(2, EventKind::kSignal, 6);
  events.Hook(1, EventKind::kWaitDone, 6);
  events.Begun(2, EventKind::kBroadcast, 6);
  events.Hook(1, EventKind::kWaitDone, 6);
  EXPECT_THAT(Lines(events), ElementsAre("T2|provide(object6)", "T1|depend(object6)", "T2|provide(object6)",
                                         "T1|depend(object6)"));
}

TEST(RecordedTraceTest, BarriersAndOnceObjectsOrder) {
  RecordedEvents events;
  events.Hook(1, EventKind::kBarrier, 5);
  events.Hook(2, EventKind::kBarrier, 5);
  events.Left(2, EventKind::kBarrier, 5);
  events.Left(1, EventKind::kBarrier, 5);
  events.Begun(1, EventKind::kOnce, 6);
  events.Hook(2, EventKind::kOnce, 6);
  EXPECT_THAT(Lines(events), ElementsAre("T1|sig(object5)", "T2|sig(object5)", "T2|await(object5)",
                                         "T1|await(object5)", "T1|sig(object6)", "T2|await(object6)"));
}

TEST(RecordedTraceTest, ReleasesAndAcquiresAreSyncsByAddress) {
  RecordedEvents events;
  events.Ordered(1, Op::kRelease, 0, 0x9000);
  events.Ordered(2, Op::kAcquire, 0, 0x9000);
  events.Ordered(1, Op::kRelease, trace::kOrderOnly, 0x9008);
  events.Ordered(2, Op::kAcquire, trace::kOrderOnly, 0x9008);
  EXPECT_THAT(Lines(events),
              ElementsAre("T1|sig(0x9000)", "T2|await(0x9000)", "T1|provide(0x9008)", "T2|depend(0x9008)"));
}

TEST(RecordedTraceTest, WhatIsForgottenIsAnotherSync) {
  RecordedEvents events;
  events.Ordered(1, Op::kRelease, 0, 0x9000);
  events.Ordered(2, Op::kForget, 0, 0x9000);
  events.Ordered(2, Op::kAcquire, 0, 0x9000);
  events.Ordered(2, Op::kForget, 0, 0x9008);
  const RecordedTrace recorded = TraceOf(events);
  EXPECT_THAT(Lines(recorded), ElementsAre("T1|sig(0x9000)", "T2|await(0x9000)"));
  EXPECT_NE(recorded.trace.events[0].operand, recorded.trace.events[1].operand);
}

TEST(RecordedTraceTest, HooksThatOrderNothingAreLeftOut) {
  RecordedEvents events;
  for (const EventKind kind : {EventKind::kNone, EventKind::kDetach, EventKind::kDestroy, EventKind::kInit,
                               EventKind::kFutexWake, EventKind::kChanSend, static_cast<EventKind>(200)}) {
    events.Hook(1, kind, 5);
  }
  EXPECT_THAT(Lines(events), IsEmpty());
}

TEST(RecordedTraceTest, LostEventsAreCounted) {
  RecordedEvents events;
  events.Plain(1, Op::kLost, 3);
  events.Plain(2, Op::kLost, 40);
  EXPECT_EQ(TraceOf(events).lost_events, 43u);
}

TEST(RecordedTraceTest, DamageIsToldOnce) {
  RecordedEvents events;
  events.Hook(1, EventKind::kLock, 5);
  ProcessModel process;
  process.trace_blocks = events.Blocks();
  process.trace_blocks[0].set_event_count(2);
  process.Index();
  std::vector<std::string> damage;
  const absl::StatusOr<RecordedTrace> recorded = ReadRecordedTrace(process, damage);
  ASSERT_TRUE(recorded.ok());
  EXPECT_THAT(Lines(*recorded), ElementsAre("T1|acq(M5)"));
  EXPECT_THAT(damage, ElementsAre(HasSubstr("the trace of T1 is cut in block 0")));
}

// Whatever there is, in whatever order.
RecordedEvents RandomEvents(uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&](uint64_t limit) { return random() % limit; };
  RecordedEvents events;
  const uint64_t count = 5 + below(60);
  // Mostly one kind of event.
  const bool is_of_locks = below(2) == 0;
  for (uint64_t i = 0; i < count; ++i) {
    const auto stream = static_cast<uint32_t>(1 + below(4));
    const auto object = static_cast<uint32_t>(1 + below(5));
    if (is_of_locks && below(4) != 0) {
      events.Hook(stream, static_cast<EventKind>(1 + below(6)), object, below(3));
      continue;
    }
    const auto op = static_cast<Op>(1 + below(trace::kOps - 1));
    const bool is_hook = op == Op::kHook || op == Op::kHookBegun || op == Op::kHookLeft;
    const auto argument = static_cast<uint8_t>(is_hook ? below(27) : below(9));
    std::vector<uint64_t> words = {trace::FirstWord(op, argument, below(6)), below(3 * count), below(40)};
    if (below(30) == 0) words[1 + below(2)] = UINT64_MAX;
    words.resize(trace::WordsOf(op));
    events.Words(stream, words);
  }
  return events;
}

// What each event is on is there.
void CheckNumbers(const RecordedTrace& recorded) {
  const Trace& trace = recorded.trace;
  ASSERT_EQ(recorded.callers_of.size(), trace.events.size());
  ASSERT_EQ(recorded.places.size(), trace.locations.size());
  ASSERT_EQ(recorded.place_stacks.size(), trace.locations.size());
  ASSERT_EQ(recorded.task_ids.size(), trace.tasks.size());
  ASSERT_EQ(recorded.lock_objects.size(), trace.locks.size());
  ASSERT_EQ(recorded.variables.size(), trace.variables.size());
  for (size_t i = 0; i < trace.events.size(); ++i) {
    const TraceEvent& event = trace.events[i];
    ASSERT_LT(event.task, trace.tasks.size());
    ASSERT_LT(event.location, trace.locations.size());
    ASSERT_LT(recorded.callers_of[i], recorded.callers.size());
    const bool is_of_task = event.op == TraceOp::kFork || event.op == TraceOp::kJoin;
    const bool is_of_sync = GivesToSync(event.op) || GetsFromSync(event.op);
    ASSERT_LT(event.operand, IsAccess(event.op) ? trace.variables.size()
                             : is_of_task       ? trace.tasks.size()
                             : is_of_sync       ? trace.syncs.size()
                                                : trace.locks.size());
  }
}

TEST(RecordedTraceTest, AnyEventsAreATraceThatMakesSense) {
  for (uint64_t seed = 0; seed < 3'000; ++seed) {
    RecordedEvents events = RandomEvents(seed);
    const RecordedTrace recorded = TraceOf(events);
    CheckNumbers(recorded);
    if (HasFailure()) FAIL() << "seed " << seed << "\n" << StdText(recorded.trace);
  }
}

}  // namespace
}  // namespace stray::analyzer
