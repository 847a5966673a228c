// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/recorded_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "agent/wire/goroutine_records.h"
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

TEST(RecordedTraceTest, EventsHaveTheTimeOfTheirStreamAlsoWhenAnotherTaskGoesOnThere) {
  RecordedEvents events;
  events.Ordered(1, Op::kFiberCreate, 0, 7);
  events.Write(1, kX, 8);  // before any time was told
  events.Plain(1, Op::kNow, 100);
  events.Write(1, kX, 8);
  events.Ordered(1, Op::kFiberSwitch, 0, 7);
  events.Write(1, kX, 8);
  events.Plain(1, Op::kNow, 200);
  events.Write(1, kX, 8);
  events.Ordered(1, Op::kFiberSwitch, 0, 0);
  events.Write(1, kX, 8);
  const RecordedTrace recorded = TraceOf(events);
  std::vector<uint64_t> times;
  for (EventIndex event = 0; event < recorded.trace.events.size(); ++event) {
    if (IsAccess(recorded.trace.events[event].op)) times.push_back(recorded.TimeOf(event));
  }
  EXPECT_THAT(times, ElementsAre(0, 100, 100, 200, 200));
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
  EXPECT_EQ(recorded.locks[0].object, 5u);
  EXPECT_EQ(recorded.locks[1].object, 6u);
}

TEST(RecordedTraceTest, LocksOfTheRuntimeAreToldByTheirAddresses) {
  RecordedEvents events;
  const auto lock = [&](uint32_t stream, trace::LockMode mode) {
    events.Ordered(stream, Op::kLockTaken, mode, 0x8000);
  };
  const auto unlock = [&](uint32_t stream) { events.Ordered(stream, Op::kLockGiven, 0, 0x8000); };
  lock(1, trace::kToWrite);
  unlock(1);
  lock(1, trace::kToRead);
  lock(2, trace::kToRead);
  unlock(1);
  unlock(2);
  lock(2, trace::kByTry);
  events.Hook(1, EventKind::kLock, 0x8000);  // an object of that number
  ProcessModel process;
  process.trace_blocks = events.Blocks();
  EXPECT_THAT(Lines(TraceOf(process)),
              ElementsAre("T1|acq(0x8000)", "T1|rel(0x8000)", "T1|racq(0x8000)", "T2|racq(0x8000)",
                          "T1|rrel(0x8000)", "T2|rrel(0x8000)", "T2|tryacq(0x8000)", "T1|acq(M32768)"));
  for (const std::string kind : {"condition", "mutex"}) {
    wire::Object& object = process.objects.emplace_back();
    object.set_id(static_cast<uint32_t>(process.objects.size()));
    object.set_kind(kind);
    object.set_address(0x8000);
    object.set_name(kind + " (of\tqueue)");
  }
  const RecordedTrace recorded = TraceOf(process);
  EXPECT_EQ(recorded.trace.locks[0], "mutex__of_queue_");
  EXPECT_EQ(recorded.locks[0].object, 2u);
  EXPECT_EQ(recorded.locks[1].object, 0x8000u);
}

TEST(RecordedTraceTest, ALockOfTheRuntimeThatIsNoneIsASync) {
  RecordedEvents events;
  events.Ordered(1, Op::kLockTaken, trace::kToWrite, 0x8000);
  events.Ordered(2, Op::kLockGiven, 0, 0x8000);
  events.Hook(3, EventKind::kJoin, 1);
  events.Ordered(1, Op::kLockTaken, trace::kToWrite, 0x8000);
  const RecordedTrace recorded = TraceOf(events);
  EXPECT_THAT(Lines(recorded), ElementsAre("T1|await(object32768)", "T2|sig(object32768)", "T3|join(T1)"));
  EXPECT_EQ(recorded.strange_events, 1u);
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
  EXPECT_THAT(Lines(recorded), ElementsAre("T1|fork(fiber1)", "fiber2|acq(M5)"));
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
  EXPECT_THAT(
      Lines(TraceOf(process)),
      ElementsAre("T1|depend(object5)", "T1|depend(object5)", "T1|depend(object5)", "T2|provide(object5)",
                  "T2|sig(semaphore5.1)", "T3|provide(object5)", "T3|sig(semaphore5.2)", "T1|depend(object5)",
                  "T1|await(semaphore5.1)", "T1|depend(object5)", "T1|await(semaphore5.2)"));
}

TEST(RecordedTraceTest, AWaitBeyondAllPostsDependsOnThemOnly) {
  RecordedEvents events;
  events.Hook(2, EventKind::kPost, 5);
  events.Hook(1, EventKind::kAcquire, 5);
  events.Hook(1, EventKind::kAcquire, 5);
  EXPECT_THAT(Lines(events), ElementsAre("T2|provide(object5)", "T2|sig(semaphore5.1)", "T1|depend(object5)",
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

}  // namespace
}  // namespace stray::analyzer
