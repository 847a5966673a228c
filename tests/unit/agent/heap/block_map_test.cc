// SPDX-License-Identifier: Apache-2.0
// The map of heap blocks and the index that reads it, together: whatever was noted is found from every address
// in it, and nothing else is. Against a plain std::map, on blocks as allocators really place them.
#include "agent/heap/block_map.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>
#include <map>
#include <random>
#include <vector>

#include "agent/recorder/reach/block_index.h"

namespace stray::agent {
namespace {

using heap::BlockMap;

constexpr size_t kArea = 64 << 20;

// Memory of its own, in which blocks are only said to be.
class BlockMapTest : public testing::Test {
 protected:
  BlockMapTest() {
    void* memory =
        mmap(nullptr, kArea, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    EXPECT_NE(memory, MAP_FAILED);
    start_ = reinterpret_cast<uint64_t>(memory);
  }
  ~BlockMapTest() override {
    for (const auto& [at, size] : blocks_) BlockMap::Forget(reinterpret_cast<void*>(at));
    munmap(reinterpret_cast<void*>(start_), kArea);
  }

  void Note(uint64_t at, uint64_t size) {
    BlockMap::Note(reinterpret_cast<void*>(at), size);
    blocks_[at] = size;
  }
  void Forget(uint64_t at) {
    BlockMap::Forget(reinterpret_cast<void*>(at));
    blocks_.erase(at);
  }
  uint64_t StartOf(uint64_t address) {
    static const heap_abi::HeapDescriptor descriptor = {.abi = heap_abi::kHeapAbi,
                                                        .reserved = 0,
                                                        .directory = BlockMap::Directory(),
                                                        .regions = nullptr,
                                                        .region_count = nullptr,
                                                        .lost = BlockMap::Lost(),
                                                        .moving = nullptr,
                                                        .is_in_use = nullptr};
    if (!is_built_) {
      Mapping mapping = {};
      mapping.start = start_;
      mapping.end = start_ + kArea;
      mapping.is_readable = mapping.is_writable = true;
      mappings_.Push(mapping);
      EXPECT_TRUE(index_.Build(&descriptor, &mappings_));
      is_built_ = true;
    }
    return index_.Find(address).start;
  }

  uint64_t start_ = 0;
  std::map<uint64_t, uint64_t> blocks_;

 private:
  bool is_built_ = false;
  Growing<Mapping> mappings_;
  BlockIndex index_;
};

TEST_F(BlockMapTest, ABlockIsFoundFromItsFirstToItsLastByte) {
  Note(start_ + 4096, 100);
  EXPECT_EQ(StartOf(start_ + 4095), 0u);
  EXPECT_EQ(StartOf(start_ + 4096), start_ + 4096);
  EXPECT_EQ(StartOf(start_ + 4096 + 99), start_ + 4096);
  EXPECT_EQ(StartOf(start_ + 4096 + 112), 0u);
}

TEST_F(BlockMapTest, ALargeBlockIsFoundFromAnyOfItsPages) {
  Note(start_ + 16, 10'000'000);
  Note(start_ + 10'000'032, 48);
  for (uint64_t at : {uint64_t{16}, uint64_t{17}, uint64_t{16 + 9 * 16}, uint64_t{4096}, uint64_t{5'000'001},
                      uint64_t{9'999'999}}) {
    EXPECT_EQ(StartOf(start_ + at), start_ + 16) << at;
  }
  EXPECT_EQ(StartOf(start_ + 10'000'032), start_ + 10'000'032);
  EXPECT_EQ(StartOf(start_ + 10'000'080), 0u);
}

TEST_F(BlockMapTest, WhatIsGivenBackIsNoBlock) {
  Note(start_ + 64, 32);
  Note(start_ + 96, 5000);
  Note(start_ + 8192, 32);
  Forget(start_ + 96);
  Note(start_ + 112, 32);  // where digits of the large one stood
  EXPECT_EQ(StartOf(start_ + 96), 0u);
  EXPECT_EQ(StartOf(start_ + 112), start_ + 112);
  EXPECT_EQ(StartOf(start_ + 4000), 0u);
  EXPECT_EQ(StartOf(start_ + 64), start_ + 64);
}

TEST_F(BlockMapTest, TwoBlocksOfEightBytesShareSixteen) {
  Note(start_ + 160, 8);
  Note(start_ + 168, 8);
  Note(start_ + 320, 8);
  Note(start_ + 328, 8);
  Forget(start_ + 160);
  Forget(start_ + 320);
  Forget(start_ + 328);
  EXPECT_NE(StartOf(start_ + 168), 0u) << "the second one lives";
  EXPECT_EQ(StartOf(start_ + 320), 0u);
}

TEST_F(BlockMapTest, RandomBlocksAreFoundAsAPlainMapFindsThem) {
  std::mt19937_64 random(7);
  uint64_t next = start_ + 16;
  std::vector<uint64_t> all;
  while (next < start_ + kArea - (8 << 20)) {
    const uint64_t kind = random() % 20;
    const uint64_t size = kind == 0   ? 3000 + random() % 4000
                          : kind == 1 ? random() % (4 << 20)
                                      : 9 + random() % 300;
    Note(next, size);
    all.push_back(next);
    next += (size + 15) / 16 * 16 + (random() % 4 == 0 ? 16 * (random() % 2000) : 16);
  }
  for (uint64_t at : all) {
    if (random() % 3 == 0) Forget(at);
  }
  size_t hits = 0;
  for (int i = 0; i < 200'000; ++i) {
    const uint64_t address = start_ + random() % kArea;
    auto it = blocks_.upper_bound(address);
    uint64_t expected = 0;
    if (it != blocks_.begin() && address < std::prev(it)->first + (std::prev(it)->second + 15) / 16 * 16) {
      expected = std::prev(it)->first;
    }
    ASSERT_EQ(StartOf(address), expected) << address - start_;
    if (expected != 0) ++hits;
  }
  EXPECT_GT(hits, 20'000u);
}

}  // namespace
}  // namespace stray::agent
