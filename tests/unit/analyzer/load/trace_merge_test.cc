// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/trace_merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/unit/analyzer/load/recorded_events.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using trace::FirstWord;
using trace::Op;

// "1:5 1:6 2:7": streams and the operands of their events, in order.
std::string Merged(const std::vector<wire::TraceBlock>& blocks, std::vector<std::string>& damage) {
  std::vector<std::string> all;
  MergeTrace(
      blocks,
      [&](uint32_t stream, const TraceWords& event) {
        all.push_back(absl::StrCat(stream, ":", event.operand()));
      },
      damage);
  return absl::StrJoin(all, " ");
}

std::string MergedWhole(const std::vector<wire::TraceBlock>& blocks) {
  std::vector<std::string> damage;
  std::string text = Merged(blocks, damage);
  EXPECT_THAT(damage, IsEmpty());
  return text;
}

TEST(TraceMergeTest, TheClockOrdersStreams) {
  RecordedEvents events;
  events.Words(1, {FirstWord(Op::kTime, 0, 10)});
  events.Words(1, {FirstWord(Op::kTime, 0, 40)});
  events.Words(2, {FirstWord(Op::kTime, 0, 20)});
  events.Words(2, {FirstWord(Op::kTime, 0, 50)});
  events.Words(3, {FirstWord(Op::kTime, 0, 30)});
  EXPECT_EQ(MergedWhole(events.Blocks()), "1:10 2:20 3:30 1:40 2:50");
}

TEST(TraceMergeTest, EventsWithoutClockFollowTheOneBeforeThem) {
  RecordedEvents events;
  events.Words(1, {FirstWord(Op::kEnter, 0, 1), FirstWord(Op::kTime, 0, 20), FirstWord(Op::kWrite, 8, 2), 0,
                   FirstWord(Op::kRead, 8, 3), 0});
  events.Words(2, {FirstWord(Op::kTime, 0, 10), FirstWord(Op::kWrite, 8, 4), 0, FirstWord(Op::kTime, 0, 30),
                   FirstWord(Op::kReadRange, 8, 5), 0, 64, FirstWord(Op::kExit, 0, 6)});
  EXPECT_EQ(MergedWhole(events.Blocks()), "1:1 2:10 2:4 1:20 1:2 1:3 2:30 2:5 2:6");
}

TEST(TraceMergeTest, EachOperationThatOrdersHasAClock) {
  const Op kOrdering[] = {Op::kHook,      Op::kHookBegun, Op::kHookLeft,    Op::kRequest,     Op::kRelease,
                          Op::kAcquire,   Op::kForget,    Op::kFiberCreate, Op::kFiberSwitch, Op::kThreadMemory,
                          Op::kNewMemory, Op::kBegin,     Op::kLockTaken,   Op::kLockGiven};
  RecordedEvents events;
  std::string wanted = "9:1";
  events.Words(9, {FirstWord(Op::kTime, 0, 1)});
  uint64_t clock = 100;
  for (const Op op : kOrdering) {
    // The older half of each pair comes from the stream that is behind.
    std::vector<uint64_t> words = {FirstWord(op, 0, 7), clock, 0};
    words.resize(trace::WordsOf(op));
    events.Words(9, words);
    events.Words(1, {FirstWord(Op::kTime, 0, clock + 1)});
    absl::StrAppend(&wanted, " 9:7 1:", clock + 1);
    clock += 2;
  }
  EXPECT_EQ(MergedWhole(events.Blocks()), wanted);
}

TEST(TraceMergeTest, StreamsGoOnInTheNextBlock) {
  RecordedEvents events;
  for (uint64_t i = 0; i < 6; ++i) {
    events.Words(1 + i % 2, {FirstWord(Op::kTime, 0, 10 + i)});
    events.Words(1 + i % 2, {FirstWord(Op::kWrite, 8, i), 0});
    if (i > 1) events.EndBlock(1 + i % 2);
  }
  EXPECT_EQ(MergedWhole(events.Blocks()), "1:10 1:0 2:11 2:1 1:12 1:2 2:13 2:3 1:14 1:4 2:15 2:5");
}

TEST(TraceMergeTest, ABlockMayBeginWithWhatFollowsTheLast) {
  RecordedEvents events;
  events.Words(1, {FirstWord(Op::kTime, 0, 10)});
  events.EndBlock(1);
  events.Words(1, {FirstWord(Op::kWrite, 8, 1), 0});
  events.Words(2, {FirstWord(Op::kTime, 0, 11)});
  EXPECT_EQ(MergedWhole(events.Blocks()), "1:10 1:1 2:11");
}

TEST(TraceMergeTest, NothingIsNothing) {
  EXPECT_EQ(MergedWhole({}), "");
  TracePacker empty(1);
  std::vector<wire::TraceBlock> blocks = {*empty.Finish(), *empty.Finish()};
  EXPECT_EQ(MergedWhole(blocks), "");
  ASSERT_TRUE(empty.Add({FirstWord(Op::kTime, 0, 5)}));
  blocks.push_back(*empty.Finish());
  EXPECT_EQ(MergedWhole(blocks), "1:5") << "behind blocks without events";
}

// Stream 1 in blocks of one event each, 10, 12, 14 ..., and stream 2 with 11, 13, 15 in one.
std::vector<wire::TraceBlock> TwoStreams() {
  RecordedEvents events;
  for (uint64_t i = 0; i < 4; ++i) {
    events.Words(1, {FirstWord(Op::kTime, 0, 10 + 2 * i)});
    events.EndBlock(1);
    events.Words(2, {FirstWord(Op::kTime, 0, 11 + 2 * i)});
  }
  return events.Blocks();
}

TEST(TraceMergeTest, AMissingBlockEndsItsStreamOnly) {
  std::vector<wire::TraceBlock> blocks = TwoStreams();
  blocks.erase(blocks.begin() + 1);
  std::vector<std::string> damage;
  EXPECT_EQ(Merged(blocks, damage), "1:10 2:11 2:13 2:15 2:17");
  EXPECT_THAT(damage, ElementsAre("the trace of T1 is cut in block 2: one before it is missing"));
  damage.clear();
  blocks.erase(blocks.begin());
  EXPECT_EQ(Merged(blocks, damage), "2:11 2:13 2:15 2:17");
  EXPECT_THAT(damage, ElementsAre("the trace of T1 is cut in block 2: one before it is missing"));
}

TEST(TraceMergeTest, BlocksOutOfOrderEndTheirStreamOnly) {
  std::vector<wire::TraceBlock> blocks = TwoStreams();
  std::swap(blocks[1], blocks[2]);
  std::vector<std::string> damage;
  EXPECT_EQ(Merged(blocks, damage), "1:10 2:11 2:13 2:15 2:17");
  EXPECT_THAT(damage, ElementsAre("the trace of T1 is cut in block 2: one before it is missing"));
}

TEST(TraceMergeTest, ADamagedBlockEndsItsStreamOnly) {
  for (size_t damaged = 0; damaged < 4; ++damaged) {
    std::vector<wire::TraceBlock> blocks = TwoStreams();
    blocks[damaged].mutable_events()->clear();
    std::vector<std::string> damage;
    const std::string merged = Merged(blocks, damage);
    for (uint64_t i = 0; i < 4; ++i) {
      EXPECT_THAT(merged, HasSubstr(absl::StrCat("2:", 11 + 2 * i)));
      EXPECT_EQ(merged.find(absl::StrCat("1:", 10 + 2 * i)) != std::string::npos, i < damaged);
    }
    EXPECT_THAT(damage,
                ElementsAre(HasSubstr(absl::StrCat("the trace of T1 is cut in block ", damaged, ": "))));
  }
}

TEST(TraceMergeTest, WhatCanBeReadOfADamagedBlockIsThere) {
  RecordedEvents events;
  events.Words(1, {FirstWord(Op::kTime, 0, 10)});
  events.Words(1, {FirstWord(Op::kTime, 0, 12)});
  events.EndBlock(1);
  events.Words(1, {FirstWord(Op::kTime, 0, 13)});
  events.Words(2, {FirstWord(Op::kTime, 0, 11)});
  std::vector<wire::TraceBlock> blocks = events.Blocks();
  blocks[0].set_event_count(3);
  std::vector<std::string> damage;
  EXPECT_EQ(Merged(blocks, damage), "1:10 2:11 1:12");
  EXPECT_THAT(damage, ElementsAre("the trace of T1 is cut in block 0: event 3 of 3 is malformed"));
}

TEST(TraceMergeTest, AnyCutIntoStreamsAndBlocksIsMergedAgain) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    std::mt19937_64 random(seed);
    RecordedEvents events;
    std::vector<std::string> wanted;
    std::map<uint32_t, bool> has_events;
    uint64_t clock = 0;
    for (uint64_t turns = 0; turns < 200; ++turns) {
      const uint32_t stream = 1 + static_cast<uint32_t>(random() % 5);
      clock += 1 + random() % 3;
      events.Words(stream, {FirstWord(Op::kRelease, 0, turns), clock});
      wanted.push_back(absl::StrCat(stream, ":", turns));
      for (uint64_t n = random() % 4; n > 0; --n) {
        if (random() % 8 == 0) events.EndBlock(stream);
        events.Words(stream, {FirstWord(Op::kWrite, 8, n), 0});
        wanted.push_back(absl::StrCat(stream, ":", n));
      }
      if (random() % 8 == 0) events.EndBlock(stream);
    }
    ASSERT_EQ(MergedWhole(events.Blocks()), absl::StrJoin(wanted, " ")) << "seed " << seed;
  }
}

}  // namespace
}  // namespace stray::analyzer
