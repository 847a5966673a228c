// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/trace_blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using trace::FirstWord;
using trace::Op;

// As many words of it as it has.
void AppendWords(const TraceWords& event, std::vector<uint64_t>& words) {
  const size_t count = trace::WordsOf(event.op());
  words.push_back(event.first);
  if (count > 1) words.push_back(event.second);
  if (count > 2) words.push_back(event.third);
}

// Each operation; numbers that are mostly near to one another, and sometimes any that there are.
class RandomEvents {
 public:
  explicit RandomEvents(uint64_t seed) : random_(seed) {}

  TraceWords Next() {
    constexpr Op kOfChannels[] = {Op::kChannel, Op::kChannelMade, Op::kGroup};
    const auto op = Below(8) == 0 ? kOfChannels[Below(std::size(kOfChannels))]
                                  : static_cast<Op>(1 + random_() % (trace::kOps - 1));
    const auto argument = static_cast<uint8_t>(random_() % 3 == 0 ? random_() : random_() % 9);
    const size_t count = trace::WordsOf(op);
    TraceWords event{FirstWord(op, argument, Number() & trace::kOperandMask)};
    if (count > 1) event.second = Number();
    if (count > 2) event.third = Number();
    return event;
  }

  uint64_t Below(uint64_t limit) { return random_() % limit; }

 private:
  uint64_t Number() {
    constexpr uint64_t kExtremes[] = {0,         1, trace::kOperandMask, uint64_t{1} << 47, uint64_t{1} << 63,
                                      UINT64_MAX};
    switch (Below(8)) {
      case 0:
        return random_();
      case 1:
        return kExtremes[Below(std::size(kExtremes))];
      default:
        return last_ += random_() % 64 - 16;
    }
  }

  std::mt19937_64 random_;
  uint64_t last_ = 0x7f0000001000;
};

wire::TraceBlock BlockOf(const std::vector<TraceWords>& events, uint32_t stream = 7) {
  TracePacker packer(stream);
  std::vector<uint64_t> words;
  for (const TraceWords& event : events) AppendWords(event, words);
  EXPECT_TRUE(packer.Add(words));
  absl::StatusOr<wire::TraceBlock> block = packer.Finish();
  EXPECT_TRUE(block.ok()) << block.status();
  return block.ok() ? *std::move(block) : wire::TraceBlock();
}

std::vector<TraceWords> RandomRow(uint64_t seed, size_t count) {
  RandomEvents random(seed);
  std::vector<TraceWords> events(count);
  for (TraceWords& event : events) event = random.Next();
  return events;
}

// A block whose events are `raw`, not compressed yet.
wire::TraceBlock BlockOfRaw(const std::string& raw, uint64_t count) {
  wire::TraceBlock block;
  std::string& frame = *block.mutable_events();
  frame.resize(ZSTD_compressBound(raw.size()));
  frame.resize(ZSTD_compress(frame.data(), frame.size(), raw.data(), raw.size(), 1));
  block.set_event_count(count);
  return block;
}

absl::Status StatusOf(const wire::TraceBlock& block) {
  std::vector<TraceWords> events;
  return UnpackTraceBlock(block, events);
}

// It is refused, and says `why`.
void ExpectDamaged(const wire::TraceBlock& block, const std::string& why) {
  const absl::Status status = StatusOf(block);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr(why));
}

TEST(TraceBlocksTest, WhatIsPackedComesBack) {
  RandomEvents random(1);
  TracePacker packer(7);
  for (uint64_t number = 0; number < 6; ++number) {
    std::vector<TraceWords> events;
    while (events.size() < 10'000 + random.Below(10'000)) {
      // As it is filled, a chunk at a time; what it has no room for stays zero.
      std::vector<uint64_t> chunk;
      while (chunk.size() + 3 <= trace::kTraceChunkWords) {
        events.push_back(random.Next());
        AppendWords(events.back(), chunk);
      }
      chunk.resize(trace::kTraceChunkWords);
      ASSERT_TRUE(packer.Add(chunk));
    }
    const absl::StatusOr<wire::TraceBlock> block = packer.Finish();
    ASSERT_TRUE(block.ok()) << block.status();
    EXPECT_EQ(block->stream(), 7u);
    EXPECT_EQ(block->number(), number);
    EXPECT_EQ(block->event_count(), events.size());
    std::vector<TraceWords> unpacked;
    ASSERT_TRUE(UnpackTraceBlock(*block, unpacked).ok());
    ASSERT_TRUE(unpacked == events) << "block " << number;
  }
}

TEST(TraceBlocksTest, EventsAreAddedBehindThoseThatAreThere) {
  const TraceWords event{FirstWord(Op::kTime, 0, 5)};
  std::vector<TraceWords> events(2);
  ASSERT_TRUE(UnpackTraceBlock(BlockOf({event}), events).ok());
  EXPECT_THAT(events, ElementsAre(TraceWords{}, TraceWords{}, event));
}

TEST(TraceBlocksTest, AccessesInALoopNeedTwoBytes) {
  TracePacker packer(1);
  for (uint64_t i = 0; i < 10'000; ++i)
    ASSERT_TRUE(packer.Add({FirstWord(Op::kRead, 8, 0x7f0000000000 + 8 * i), 0x401234}));
  EXPECT_LT(packer.size(), 20'020u);
}

TEST(TraceBlocksTest, AZeroWordEndsTheStream) {
  TracePacker packer(1);
  EXPECT_TRUE(packer.Add({}));
  EXPECT_TRUE(packer.Add({0, FirstWord(Op::kTime, 0, 3)}));
  EXPECT_EQ(packer.size(), 0u);
  // Zeros inside of an event end nothing.
  EXPECT_TRUE(packer.Add(
      {FirstWord(Op::kHook, 1, 0), 0, 0, FirstWord(Op::kTime, 0, 9), 0, FirstWord(Op::kTime, 0, 10)}));
  std::vector<TraceWords> events;
  ASSERT_TRUE(UnpackTraceBlock(*packer.Finish(), events).ok());
  EXPECT_THAT(events,
              ElementsAre(TraceWords{FirstWord(Op::kHook, 1, 0)}, TraceWords{FirstWord(Op::kTime, 0, 9)}));
}

TEST(TraceBlocksTest, WordsThatAreNoEventAreRefusedAndWhatIsBeforeThemIsKept) {
  const uint64_t time = FirstWord(Op::kTime, 0, 3);
  const std::vector<std::vector<uint64_t>> bad = {
      {time, FirstWord(static_cast<Op>(trace::kOps), 0, 1)},
      {time, FirstWord(static_cast<Op>(255), 0, 1), time},
      {time, FirstWord(Op::kNone, 1, 1), time},  // not zero, but nothing
      {time, FirstWord(Op::kRead, 8, 0x1000)},   // has another word
      {time, FirstWord(Op::kHook, 1, 1), 5},
  };
  for (const std::vector<uint64_t>& words : bad) {
    TracePacker packer(1);
    EXPECT_FALSE(packer.Add(words));
    std::vector<TraceWords> events;
    ASSERT_TRUE(UnpackTraceBlock(*packer.Finish(), events).ok());
    EXPECT_THAT(events, ElementsAre(TraceWords{time}));
  }
}

TEST(TraceBlocksTest, EachBlockCanBeReadAlone) {
  TracePacker packer(3);
  const std::vector<uint64_t> words = {FirstWord(Op::kHook, 1, 4), 1'000'000, 0x401000,
                                       FirstWord(Op::kWrite, 4, 0x7000), 0x402000};
  ASSERT_TRUE(packer.Add(words));
  const wire::TraceBlock first = *packer.Finish();
  EXPECT_EQ(packer.size(), 0u);
  ASSERT_TRUE(packer.Add(words));
  const wire::TraceBlock second = *packer.Finish();
  EXPECT_EQ(first.events(), second.events()) << "nothing is left of the one before";
  EXPECT_EQ(first.event_count(), second.event_count());
  EXPECT_EQ(second.number(), 1u);
}

TEST(TraceBlocksTest, CutFramesAreRefused) {
  const wire::TraceBlock whole = BlockOf(RandomRow(2, 300));
  for (size_t size = 0; size < whole.events().size(); ++size) {
    wire::TraceBlock cut = whole;
    cut.mutable_events()->resize(size);
    EXPECT_EQ(StatusOf(cut).code(), absl::StatusCode::kDataLoss) << size << " bytes";
  }
}

TEST(TraceBlocksTest, CutEventsAreRefusedAndWhatIsBeforeTheCutIsKept) {
  // A shape, of an access from 0x20, and three accesses.
  const std::string raw({0, static_cast<char>(Op::kRead), 0x20, 0x10, 1, 2, 1, 2});
  std::vector<TraceWords> whole;
  ASSERT_TRUE(UnpackTraceBlock(BlockOfRaw(raw, 3), whole).ok());
  EXPECT_EQ(whole.back(), (TraceWords{FirstWord(Op::kRead, 0, 10), 0x20, 0}));
  for (size_t size = 3; size < raw.size(); ++size) {
    std::vector<TraceWords> events;
    EXPECT_EQ(UnpackTraceBlock(BlockOfRaw(raw.substr(0, size), 3), events).code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(events.size(), size / 2 - 1);
    EXPECT_TRUE(std::equal(events.begin(), events.end(), whole.begin()));
  }
}

TEST(TraceBlocksTest, FlippedBitsAreReadOrRefused) {
  const wire::TraceBlock whole = BlockOf(RandomRow(3, 200));
  std::mt19937_64 random(4);
  for (int i = 0; i < 5'000; ++i) {
    wire::TraceBlock flipped = whole;
    for (uint64_t n = 0; n <= random() % 3; ++n)
      (*flipped.mutable_events())[random() % flipped.events().size()] ^= static_cast<char>(1 << random() % 8);
    std::vector<TraceWords> events;
    const absl::Status status = UnpackTraceBlock(flipped, events);
    EXPECT_TRUE(status.ok() || status.code() == absl::StatusCode::kDataLoss) << status;
    EXPECT_LE(events.size(), whole.event_count());
  }
}

TEST(TraceBlocksTest, RandomBytesAreReadOrRefused) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 5'000; ++i) {
    std::string raw(1 + random() % 40, '\0');
    // Small numbers, so that there are shapes that are named again.
    for (char& c : raw) c = static_cast<char>(random() % 4 == 0 ? random() : random() % 24);
    std::vector<TraceWords> events;
    const uint64_t count = random() % 12;
    const absl::Status status = UnpackTraceBlock(BlockOfRaw(raw, count), events);
    EXPECT_LE(events.size(), count);
    EXPECT_TRUE(status.ok() ? events.size() == count : status.code() == absl::StatusCode::kDataLoss);
    for (const TraceWords& event : events) ASSERT_NE(trace::WordsOf(event.op()), 0u);
  }
}

TEST(TraceBlocksTest, FalseCountsAreRefused) {
  wire::TraceBlock block = BlockOf(RandomRow(6, 100));
  for (const uint64_t count :
       {uint64_t{0}, uint64_t{1}, uint64_t{99}, uint64_t{101}, uint64_t{1} << 32, UINT64_MAX}) {
    block.set_event_count(count);
    ExpectDamaged(block, count < 100    ? "more than it claims"
                         : count == 101 ? "event 101 of 101"
                                        : "more events than bytes");
  }
}

TEST(TraceBlocksTest, FalseSizesAreRefused) {
  // The header of a frame that is one segment, with its size in eight bytes.
  const auto block_of = [](uint64_t size) {
    std::string frame("\x28\xb5\x2f\xfd\xe0", 5);
    for (int i = 0; i < 8; ++i) frame.push_back(static_cast<char>(size >> 8 * i));
    frame += std::string(
        "\x19\x00\x00"
        "\x06\x01\x02",
        6);  // the last block, of three bytes as they are
    wire::TraceBlock block;
    block.set_events(frame);
    block.set_event_count(1);
    return block;
  };
  ExpectDamaged(block_of(2), "");
  ExpectDamaged(block_of(4), "");
  ExpectDamaged(block_of(kMostTraceBlockBytes + 1), "no zstd frame of a size that is allowed");
  ExpectDamaged(block_of(UINT64_MAX / 2), "no zstd frame of a size that is allowed");
  ExpectDamaged(block_of(3), "malformed");  // a shape that is not there yet
}

TEST(TraceBlocksTest, LargeFramesOfFewBytesAreRefused) {
  ExpectDamaged(BlockOfRaw(std::string(kMostTraceBlockBytes + 1, '\0'), 1), "of a size that is allowed");
  ExpectDamaged(BlockOfRaw(std::string(kMostTraceBlockBytes, '\0'), kMostTraceBlockBytes), "event 1 of");
}

TEST(TraceBlocksTest, UnknownOperationsAreRefused) {
  const auto raw_of = [](char op) { return std::string({0, op, 0, 0, 0, 0}); };
  ExpectDamaged(BlockOfRaw(raw_of(0), 1), "event 1 of 1 is malformed");
  ExpectDamaged(BlockOfRaw(raw_of(static_cast<char>(trace::kOps)), 1), "event 1 of 1 is malformed");
  ExpectDamaged(BlockOfRaw(raw_of(0x7f), 1), "event 1 of 1 is malformed");
  EXPECT_TRUE(StatusOf(BlockOfRaw(raw_of(static_cast<char>(Op::kBegin)), 1)).ok());
}

TEST(TraceBlocksTest, NumbersOfMoreThan64BitsAreRefused) {
  const std::string shape({0, static_cast<char>(Op::kRead), 0});
  EXPECT_TRUE(StatusOf(BlockOfRaw(shape + std::string(9, '\xff') + '\x01', 1)).ok());
  ExpectDamaged(BlockOfRaw(shape + std::string(10, '\xff') + '\x01', 1), "event 1 of 1 is malformed");
}

TEST(TraceBlocksTest, AnEmptyBlockHasNoEvents) {
  std::vector<TraceWords> events;
  EXPECT_TRUE(UnpackTraceBlock(BlockOf({}), events).ok());
  EXPECT_THAT(events, IsEmpty());
  ExpectDamaged(wire::TraceBlock(), "no zstd frame");
}

}  // namespace
}  // namespace stray::analyzer
