// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/reach/block_index.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <map>
#include <vector>

namespace stray::agent {
namespace {

constexpr uint64_t kChunk = uint64_t{1} << heap_abi::kChunkShift;

// A heap of a few pages, and a map of it like that of libstray_heap.so.
class BlockIndexTest : public testing::Test {
 protected:
  static constexpr uint64_t kBytes = 64 * 4096;

  void SetUp() override {
    void* memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    start_ = reinterpret_cast<uint64_t>(memory);
    Mapping mapping = {};
    mapping.start = start_;
    mapping.end = start_ + kBytes;
    mapping.is_readable = mapping.is_writable = true;
    mappings_.Push(mapping);
  }
  void TearDown() override { munmap(reinterpret_cast<void*>(start_), kBytes); }

  // Notes a block, as heap_abi.h says.
  void Note(uint64_t address, uint64_t bytes) {
    uint64_t granules = (bytes + 15) / 16;
    if (granules < heap_abi::kLarge) {
      MapAt(address) = static_cast<uint8_t>(granules);
      return;
    }
    MapAt(address) = heap_abi::kLarge;
    for (unsigned digit = 1; digit <= heap_abi::kDigits; ++digit, granules >>= 3) {
      MapAt(address + 16 * digit) = static_cast<uint8_t>(heap_abi::kDigit | (granules & 7));
    }
  }

  uint8_t& MapAt(uint64_t address) {
    auto& map = maps_[address >> heap_abi::kChunkShift];
    if (map.empty()) {
      map.resize(heap_abi::kMapBytes);
      directory_[address >> heap_abi::kChunkShift] = map.data();
    }
    return map[(address & (kChunk - 1)) >> heap_abi::kGranuleShift];
  }

  BlockIndex Build() {
    heap_.directory = directory_.data();
    BlockIndex index;
    EXPECT_TRUE(index.Build(&heap_, &mappings_));
    return index;
  }

  uint64_t start_ = 0;
  Growing<Mapping> mappings_;
  std::vector<uint8_t*> directory_ = std::vector<uint8_t*>(heap_abi::kChunks);
  std::map<uint64_t, std::vector<uint8_t>> maps_;
  heap_abi::HeapDescriptor heap_ = {};
};

TEST_F(BlockIndexTest, FindsBlocksFromAnywhereInThem) {
  Note(start_ + 32, 48);
  Note(start_ + 96, 5 * 4096);  // over several pages
  Note(start_ + 96 + 5 * 4096 + 16, 16);
  const BlockIndex index = Build();
  EXPECT_EQ(index.Find(start_ + 16).start, 0u);
  for (uint64_t at : {32, 40, 79}) {
    EXPECT_EQ(index.Find(start_ + at).start, start_ + 32) << at;
    EXPECT_EQ(index.Find(start_ + at).end, start_ + 80) << at;
  }
  EXPECT_EQ(index.Find(start_ + 80).start, 0u);
  for (uint64_t at : {96, 4096, 4096 + 8, 5 * 4096, 5 * 4096 + 95}) {
    EXPECT_EQ(index.Find(start_ + at).start, start_ + 96) << at;
  }
  EXPECT_EQ(index.Find(start_ + 96 + 5 * 4096).start, 0u);
  EXPECT_EQ(index.Find(start_ + 96 + 5 * 4096 + 16).end, start_ + 96 + 5 * 4096 + 32);
  EXPECT_EQ(index.Find(start_ + kBytes).start, 0u);
}

TEST_F(BlockIndexTest, NextIsTheFirstThatBeginsThere) {
  Note(start_ + 4096, 64);
  Note(start_ + 3 * 4096 + 16, 32);
  const BlockIndex index = Build();
  EXPECT_EQ(index.Next(start_, start_ + kBytes).start, start_ + 4096);
  EXPECT_EQ(index.Next(start_, start_ + kBytes).end, start_ + 4096 + 64);
  EXPECT_EQ(index.Next(start_ + 4096 + 1, start_ + kBytes).start, start_ + 3 * 4096 + 16);
  EXPECT_EQ(index.Next(start_ + 4096 + 64, start_ + 3 * 4096 + 16).start, 0u);
  EXPECT_EQ(index.Next(start_ + 3 * 4096 + 17, start_ + kBytes).start, 0u);
}

TEST_F(BlockIndexTest, DigitsOfABlockAtTheEndOfItsPageStandBehindIt) {
  Note(start_ + 4096 - 16, 6 * 4096);
  const BlockIndex index = Build();
  EXPECT_EQ(index.Find(start_ + 4096 - 16).end, start_ + 7 * 4096 - 16);
  EXPECT_EQ(index.Find(start_ + 7 * 4096 - 17).start, start_ + 4096 - 16);
  EXPECT_EQ(index.Find(start_ + 7 * 4096 - 16).start, 0u);
}

TEST_F(BlockIndexTest, NoMapNoBlocks) {
  const BlockIndex index = Build();
  EXPECT_EQ(index.Find(start_).start, 0u);
  EXPECT_EQ(index.Next(start_, start_ + kBytes).start, 0u);
  EXPECT_FALSE(mappings_[0].has_blocks);
}

}  // namespace
}  // namespace stray::agent
