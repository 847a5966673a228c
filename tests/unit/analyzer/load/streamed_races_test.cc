// SPDX-License-Identifier: Apache-2.0
// Races of traces that are not kept in memory are those of the same traces in memory.
#include "analyzer/load/streamed_races.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/load/recorded_findings.h"
#include "tests/unit/analyzer/load/random_recorded_events.h"
#include "tests/unit/analyzer/load/recorded_events.h"

namespace stray::analyzer {
namespace {

using box::EventKind;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using trace::Op;

// A run of four threads and a few fibers, which take turns as they like.
class RandomRun {
 public:
  explicit RandomRun(uint64_t seed) : random_(seed) {}

  std::vector<wire::TraceBlock> Run() {
    for (uint32_t thread = 2; thread <= kThreads; ++thread) {
      events_.Begun(1, EventKind::kCreate, thread);
      events_.Ordered(thread, Op::kBegin, 0, 0x7f0000000000 + thread * 0x10000, 0x10000);
    }
    const uint64_t steps = 40 + Below(200);
    for (uint64_t i = 0; i < steps; ++i) Step(1 + static_cast<uint32_t>(Below(kThreads)));
    for (uint32_t thread = 2; thread <= kThreads; ++thread) {
      while (!held_[thread].empty()) Release(thread);
      if (Below(2) == 0) events_.Hook(1, EventKind::kJoin, thread);
    }
    for (int i = 0; i < 10; ++i) Access(1);
    return events_.Blocks();
  }

 private:
  static constexpr uint32_t kThreads = 4;

  uint64_t Below(uint64_t limit) { return random_() % limit; }

  void Step(uint32_t thread) {
    switch (Below(24)) {
      case 0:
      case 1:
        return Take(thread);
      case 2:
      case 3:
        return Release(thread);
      case 4:
        return events_.Ordered(thread, Op::kNewMemory, 0, kHeap + 16 * Below(3), 16);
      case 5:
        return events_.Hook(thread, EventKind::kPost, 9);
      case 6:
        return events_.Hook(thread, EventKind::kAcquire, 9);
      case 7:
        return events_.Ordered(thread, Op::kRelease, static_cast<uint8_t>(Below(2)), kSync + Below(2));
      case 8:
        return events_.Ordered(thread, Op::kAcquire, static_cast<uint8_t>(Below(2)), kSync + Below(2));
      case 9:
        return events_.Ordered(thread, Op::kForget, 0, kSync + Below(2));
      case 10:
        events_.Plain(thread, Op::kEnter, 0x100 + Below(4));
        ++depth_[thread];
        return;
      case 11:
        if (depth_[thread] != 0) events_.Plain(thread, Op::kExit, --depth_[thread]);
        return;
      case 12:
        return Fiber(thread);
      case 13:
        return events_.Words(thread, {trace::FirstWord(Op::kChannelMade, 0, 0x900 + Below(2)), Below(4), 1});
      case 14:
        return events_.Words(thread, {trace::FirstWord(Op::kChannel, 1, 0x900 + Below(2)), Below(4)});
      case 15:
        return events_.WriteRange(thread, kHeap + Below(20), 1 + Below(24));
      default:
        return Access(thread);
    }
  }

  void Access(uint32_t thread) {
    const auto bytes = static_cast<uint8_t>(1u << Below(4));
    const uint64_t address = kHeap + 8 * Below(6) + (bytes < 8 && Below(4) == 0 ? bytes : 0);
    if (Below(2) == 0) {
      events_.Write(thread, address, bytes, 0x10 + Below(5));
    } else {
      events_.Read(thread, address, bytes, 0x20 + Below(5));
    }
  }

  void Take(uint32_t thread) {
    const auto lock = static_cast<uint32_t>(1 + Below(4));
    const bool reads = lock == 4 && Below(2) == 0;
    for (const auto& [owner, all] : held_) {
      if (owner != thread && all.count({lock, true}) != 0) return;
      if (owner != thread && !reads && all.count({lock, false}) != 0) return;
    }
    if (held_[thread].count({lock, !reads}) != 0) return;
    if (reads && held_[thread].count({lock, true}) != 0) return;
    if (lock == 4 && !reads && held_[thread].count({lock, false}) != 0) return;
    held_[thread].insert({lock, !reads});
    const EventKind to_write = lock == 4 ? EventKind::kWriteLock : EventKind::kLock;
    events_.Hook(thread, reads ? EventKind::kReadLock : to_write, lock, 0x30 + Below(3));
  }

  void Release(uint32_t thread) {
    if (held_[thread].empty()) return;
    const auto [lock, to_write] = *held_[thread].begin();
    held_[thread].erase(held_[thread].begin());
    events_.Hook(thread, lock == 4 ? EventKind::kRwUnlock : EventKind::kUnlock, lock, 0x40);
  }

  void Fiber(uint32_t thread) {
    if (!held_[thread].empty()) return;
    if (Below(3) == 0) return events_.Ordered(thread, Op::kFiberSwitch, 0, 0);
    events_.Ordered(thread, Op::kFiberCreate, 0, ++fibers_);
    events_.Ordered(thread, Op::kFiberSwitch, 0, fibers_);
  }

  static constexpr uint64_t kHeap = 0x10000, kSync = 0x8000;
  std::mt19937_64 random_;
  RecordedEvents events_;
  std::map<uint32_t, std::set<std::pair<uint32_t, bool>>> held_;  // by thread: lock, to write
  std::map<uint32_t, uint64_t> depth_;
  uint64_t fibers_ = 0;
};

class Found {
 public:
  Found(std::vector<wire::TraceBlock> blocks, EventIndex most_events) {
    process_.trace_blocks = std::move(blocks);
    for (uint32_t id = 1; id <= 3; ++id) {
      wire::Object& object = process_.objects.emplace_back();
      object.set_id(id);
      object.set_kind("mutex");
    }
    process_.Index();
    AddRecordedFindings(process_, damage, most_events);
    process_.Index();
  }

  // All there is to know of each, but for the order that shows it, which is not there if the trace is not.
  std::vector<std::string> Races() const {
    std::vector<std::string> races;
    for (const wire::SanitizerReport& report : process_.sanitizer_reports) {
      if (report.kind() != "data-race") continue;
      std::string& text = races.emplace_back(absl::StrCat(report.origin(), " +", report.similar(), ":"));
      for (const uint32_t task : report.tasks()) absl::StrAppend(&text, " T", task, ParentOf(task));
      for (const wire::Access& access : report.accesses()) {
        absl::StrAppend(&text, access.write() ? "; W" : "; R", access.address(), "+", access.size(), " by T",
                        access.task(), " at ", Stack(access.stack()));
        for (const wire::Held& held : access.held())
          absl::StrAppend(&text, held.read() ? " r" : " w", held.object(), "@", Stack(held.site().stack()));
      }
    }
    return races;
  }

  size_t CountOf(absl::string_view kind) const {
    return static_cast<size_t>(
        std::count_if(process_.sanitizer_reports.begin(), process_.sanitizer_reports.end(),
                      [&](const wire::SanitizerReport& report) { return report.kind() == kind; }));
  }

  const std::vector<wire::Note>& notes() const { return process_.notes; }
  const ProcessModel& process() const { return process_; }

  std::vector<std::string> damage;

 private:
  std::string Stack(uint32_t id) const {
    const wire::Stack* stack = process_.FindStack(id);
    if (stack == nullptr) return "?";
    std::string text;
    for (const uint64_t address : stack->addresses()) absl::StrAppend(&text, absl::Hex(address), "<");
    return text;
  }
  std::string ParentOf(uint32_t task) const {
    const wire::Task* record = process_.FindTask(task);
    return record == nullptr ? "" : absl::StrCat(" of T", record->parent(), " ", Stack(record->create_stack()));
  }

  ProcessModel process_;
};

TEST(StreamedRacesTest, RandomRunsHaveTheSameRacesAsInMemory) {
  size_t races = 0, with_locks = 0;
  for (uint64_t seed = 1; seed <= 3'000; ++seed) {
    const std::vector<wire::TraceBlock> blocks = RandomRun(seed).Run();
    const Found whole(blocks, kMostEvents), streamed(blocks, 1);
    ASSERT_EQ(streamed.Races(), whole.Races()) << "seed " << seed;
    ASSERT_THAT(whole.damage, IsEmpty()) << "seed " << seed;
    ASSERT_THAT(streamed.damage, IsEmpty()) << "seed " << seed;
    races += whole.Races().size();
    for (const std::string& race : whole.Races()) with_locks += race.find('@') != std::string::npos ? 1 : 0;
  }
  EXPECT_GT(races, 3'000u);
  EXPECT_GT(with_locks, 300u);
}

// Whatever there is, in whatever order.
TEST(StreamedRacesTest, EventsOfNoProgramHaveTheSameRacesAsInMemory) {
  size_t races = 0, dropped = 0;
  for (uint64_t seed = 0; seed < 3'000; ++seed) {
    const std::vector<wire::TraceBlock> blocks = RandomEvents(seed).Blocks();
    const Found whole(blocks, kMostEvents), streamed(blocks, 1);
    // No order of the events shows it, if a channel was found closed that nobody has closed.
    if (!whole.damage.empty()) {
      ASSERT_THAT(whole.damage, Each(HasSubstr("was dropped"))) << "seed " << seed;
      ++dropped;
      continue;
    }
    ASSERT_EQ(streamed.Races(), whole.Races()) << "seed " << seed;
    races += whole.Races().size();
  }
  EXPECT_LT(dropped, 100u);
  EXPECT_GT(races, 100u);
}

// Numbers of variables and syncs that are gone mean others, of which there are as many as there are at a time.
class Numbers : public EventSink {
 public:
  void OnEvent(const TraceEvent& event, uint32_t) override {
    ++events;
    if (IsAccess(event.op)) variables.insert(event.operand);
  }
  void OnSync(const SyncName&) override { ++syncs; }
  void OnVariablesGone(uint32_t, uint32_t count) override { gone += count; }

  size_t events = 0, syncs = 0, gone = 0;
  std::set<uint32_t> variables;
};

TEST(StreamedRacesTest, NumbersOfWhatIsGoneAreUsedAgain) {
  RecordedEvents events;
  events.Begun(1, EventKind::kCreate, 2);
  for (uint64_t i = 0; i < 100; ++i) {
    const uint64_t block = 0x1000 + 0x1000 * i;
    events.Write(1, block, 8);
    events.Write(1, block + 8, 4);
    events.Write(1, block + 12, 4);
    events.Hook(1, EventKind::kPost, 5);
    events.Hook(2, EventKind::kAcquire, 5);
    events.Ordered(1, Op::kRelease, 0, block);
    events.Ordered(2, Op::kAcquire, 0, block);
    events.Ordered(2, Op::kForget, 0, block);
    events.Read(2, block, 8);
    events.Read(2, block + 8, 4);
    events.Write(2, block + 12, 4);
    events.Ordered(2, Op::kNewMemory, 0, block, 16);
  }
  ProcessModel process;
  process.trace_blocks = events.Blocks();
  process.Index();
  std::vector<std::string> damage;
  LearnedTrace learned = LearnTrace(process, damage);
  Numbers all, some;
  ASSERT_TRUE(MakeEvents(process, learned, NumbersOf::kAll, kMostEvents, all).ok());
  ASSERT_TRUE(MakeEvents(process, learned, NumbersOf::kWhatIsThere, kMostEvents, some).ok());
  EXPECT_EQ(all.events, some.events);
  EXPECT_THAT(all.variables, SizeIs(300));
  EXPECT_EQ(all.syncs, 201u) << "and one for what depends on the semaphore";
  EXPECT_THAT(some.variables, SizeIs(3));
  EXPECT_EQ(some.gone, 300u);
  EXPECT_EQ(some.syncs, 2u);
  EXPECT_THAT(Found(process.trace_blocks, 1).Races(), IsEmpty());
}

// Two writes that a lock orders in this run only, and two that nothing orders.
std::vector<wire::TraceBlock> OneRaceAndOneForeseen() {
  RecordedEvents events;
  events.Begun(1, EventKind::kCreate, 2);
  events.Write(1, 0x1000, 8, 0x51);
  events.Write(1, 0x2000, 8, 0x52);
  events.Hook(1, EventKind::kLock, 1);
  events.Hook(1, EventKind::kUnlock, 1);
  events.Write(1, 0x3000, 8, 0x53);
  events.Hook(2, EventKind::kLock, 1);
  events.Hook(2, EventKind::kUnlock, 1);
  events.Write(2, 0x2000, 8, 0x54);
  events.Write(2, 0x3000, 8, 0x55);
  return events.Blocks();
}

TEST(StreamedRacesTest, WhatIsNotForeseenIsSaid) {
  const Found whole(OneRaceAndOneForeseen(), 10), streamed(OneRaceAndOneForeseen(), 8);
  EXPECT_EQ(whole.CountOf("data-race"), 1u);
  EXPECT_EQ(whole.CountOf("predicted-race"), 1u);
  EXPECT_THAT(whole.notes(), IsEmpty());
  EXPECT_EQ(streamed.CountOf("data-race"), 1u);
  EXPECT_EQ(streamed.CountOf("predicted-race"), 0u);
  ASSERT_THAT(streamed.notes(), SizeIs(1));
  EXPECT_TRUE(streamed.notes()[0].incomplete());
  EXPECT_THAT(streamed.notes()[0].text(),
              HasSubstr("prediction was left out: 9 events, and 8 is the limit (--trace-events)"));
}

// More was recorded than the limit, but that is for the greater part of one thread alone.
TEST(StreamedRacesTest, OnlyEventsThatEnginesGetCount) {
  std::vector<wire::TraceBlock> blocks = OneRaceAndOneForeseen();
  const Found few(blocks, 9);
  EXPECT_EQ(few.CountOf("predicted-race"), 1u) << "10 and some were recorded";
  EXPECT_THAT(few.notes(), IsEmpty());
}

// An access to much memory at once is many events.
TEST(StreamedRacesTest, RangesMayBeMoreEventsThanWereRecorded) {
  RecordedEvents events;
  events.Begun(1, EventKind::kCreate, 2);
  events.WriteRange(1, 0x1000, 80);
  events.WriteRange(2, 0x1000, 80);
  const Found found(events.Blocks(), 10);
  ASSERT_THAT(found.notes(), SizeIs(1));
  EXPECT_THAT(found.notes()[0].text(), HasSubstr("21 events, and 10 is the limit"));
  EXPECT_THAT(found.Races(), SizeIs(1));
}

}  // namespace
}  // namespace stray::analyzer
