// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/reach/mappings.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vector>

#include "agent/recorder/reach/pages.h"

namespace stray::agent {
namespace {

int variable = 1;

TEST(MappingsTest, KnowsStackHeapVariablesAndCode) {
  Growing<Mapping> mappings;
  ASSERT_TRUE(ReadMappings(&mappings));
  const auto at = [&](const void* address) {
    return FindMapping(mappings, reinterpret_cast<uint64_t>(address));
  };
  int local = 0;
  ASSERT_NE(at(&local), nullptr);
  EXPECT_TRUE(at(&local)->is_writable);
  ASSERT_NE(at(&variable), nullptr);
  EXPECT_TRUE(at(&variable)->is_file);
  EXPECT_TRUE(at(&variable)->is_writable);
  EXPECT_FALSE(at(&variable)->is_shared);
  ASSERT_NE(at(reinterpret_cast<const void*>(&ReadMappings)), nullptr);
  EXPECT_FALSE(at(reinterpret_cast<const void*>(&ReadMappings))->is_writable);
  EXPECT_EQ(at(reinterpret_cast<const void*>(16)), nullptr);
  for (size_t i = 1; i < mappings.size(); ++i) EXPECT_LE(mappings[i - 1].end, mappings[i].start);
}

TEST(MappingsTest, HeapBeginsBehindTheVariables) {
  const uint64_t start = ReadStartOfHeap();
  EXPECT_GT(start, reinterpret_cast<uint64_t>(&variable));
  EXPECT_LE(start, reinterpret_cast<uint64_t>(sbrk(0)));
}

TEST(MappingsTest, GuardIsMemoryThatNobodyCanTouch) {
  constexpr size_t kPage = 4096;
  char* memory =
      static_cast<char*>(mmap(nullptr, 4 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(memory, MAP_FAILED);
  ASSERT_EQ(mprotect(memory, kPage, PROT_NONE), 0);
  ASSERT_EQ(mprotect(memory + 2 * kPage, kPage, PROT_READ), 0);
  Growing<Mapping> mappings;
  ASSERT_TRUE(ReadMappings(&mappings));
  const auto has_guard = [&](const char* address) {
    return HasGuard(mappings, *FindMapping(mappings, reinterpret_cast<uint64_t>(address)));
  };
  EXPECT_TRUE(has_guard(memory + kPage));
  EXPECT_FALSE(has_guard(memory + 2 * kPage));  // below lies what can be written
  EXPECT_FALSE(has_guard(memory + 3 * kPage));  // below lies what can be read
  munmap(memory, 4 * kPage);
}

TEST(MappingsTest, OnlyTouchedPagesArePresent) {
  constexpr size_t kPages = 2000;
  char* memory = static_cast<char*>(
      mmap(nullptr, kPages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  ASSERT_NE(memory, MAP_FAILED);
  madvise(memory, kPages * 4096, MADV_NOHUGEPAGE);
  const std::vector<size_t> touched = {0, 1, 511, 512, 1300, 1999};
  for (size_t page : touched) memory[page * 4096 + 8] = 1;
  std::vector<size_t> found;
  const auto start = reinterpret_cast<uint64_t>(memory);
  ForEachPresent(start + 8, start + kPages * 4096 - 8, false, [&](uint64_t low, uint64_t high) {
    EXPECT_GE(low, start + 8);
    EXPECT_LE(high, start + kPages * 4096 - 8);
    for (uint64_t at = low; at < high; at = (at | 4095) + 1) found.push_back((at - start) / 4096);
  });
  EXPECT_EQ(found, touched);
  munmap(memory, kPages * 4096);
}

}  // namespace
}  // namespace stray::agent
