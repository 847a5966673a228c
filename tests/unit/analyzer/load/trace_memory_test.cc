// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/trace_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Step {
  enum Kind { kAccess, kRenew, kLeave } kind;
  uint64_t address, bytes;
  uint32_t task = 0;
  bool writes = false;
};

Step ReadOf(uint32_t task, uint64_t address, uint64_t bytes) {
  return {Step::kAccess, address, bytes, task, false};
}
Step WriteOf(uint32_t task, uint64_t address, uint64_t bytes) {
  return {Step::kAccess, address, bytes, task, true};
}
Step RenewOf(uint64_t address, uint64_t bytes) { return {Step::kRenew, address, bytes}; }
Step LeaveOf(uint64_t address, uint64_t bytes) { return {Step::kLeave, address, bytes}; }

// Both passes. Returns the variables of each access.
std::vector<std::vector<uint32_t>> TwoPasses(TraceMemory& memory, const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    if (step.kind == Step::kAccess) memory.Learn(step.address, step.bytes, step.task, step.writes);
    if (step.kind == Step::kRenew) memory.Renew(step.address, step.bytes);
    if (step.kind == Step::kLeave) memory.Leave(step.address, step.bytes);
  }
  memory.Divide();
  std::vector<std::vector<uint32_t>> all;
  for (const Step& step : steps) {
    if (step.kind == Step::kRenew) memory.Renew(step.address, step.bytes);
    if (step.kind == Step::kLeave) memory.Leave(step.address, step.bytes);
    if (step.kind != Step::kAccess) continue;
    std::vector<uint32_t>& own = all.emplace_back();
    memory.Access(step.address, step.bytes, [&](uint32_t variable) { own.push_back(variable); });
  }
  return all;
}

// "1000+4 1004+4": address and bytes of the variables of each access, "-" for none.
std::vector<std::string> VariablesText(const std::vector<Step>& steps) {
  TraceMemory memory;
  std::vector<std::string> all;
  for (const std::vector<uint32_t>& own : TwoPasses(memory, steps)) {
    std::vector<std::string> words;
    for (const uint32_t number : own) {
      const TraceMemory::Variable& variable = memory.variables().at(number);
      words.push_back(absl::StrCat(absl::Hex(variable.address), "+", variable.bytes));
    }
    all.push_back(words.empty() ? "-" : absl::StrJoin(words, " "));
  }
  return all;
}

TEST(TraceMemoryTest, AWordIsOneVariable) {
  EXPECT_THAT(VariablesText({WriteOf(1, 0x1000, 8), ReadOf(2, 0x1000, 8)}), ElementsAre("1000+8", "1000+8"));
}

TEST(TraceMemoryTest, PartsOfAWordAreVariablesOfTheirOwn) {
  EXPECT_THAT(VariablesText({WriteOf(1, 0x1000, 4), WriteOf(2, 0x1004, 4)}), ElementsAre("1000+4", "1004+4"));
  EXPECT_THAT(VariablesText({WriteOf(1, 0x1001, 1), WriteOf(2, 0x1002, 1)}), ElementsAre("1001+1", "1002+1"));
}

TEST(TraceMemoryTest, AccessesOfOtherSizesAreToAllPartsThatTheyCover) {
  EXPECT_THAT(VariablesText({WriteOf(1, 0x1000, 8), WriteOf(2, 0x1002, 2), ReadOf(1, 0x1001, 1)}),
              ElementsAre("1000+1 1001+1 1002+2 1004+4", "1002+2", "1001+1"));
  EXPECT_THAT(VariablesText({WriteOf(1, 0x1000, 4), WriteOf(2, 0x1002, 4)}),
              ElementsAre("1000+2 1002+2", "1002+2 1004+2"));
}

TEST(TraceMemoryTest, AnAccessMayCoverTheEndOfAWord) {
  EXPECT_THAT(VariablesText({WriteOf(1, 0x1006, 4), WriteOf(2, 0x1006, 4)}),
              ElementsAre("1006+2 1008+2", "1006+2 1008+2"));
}

TEST(TraceMemoryTest, MemoryOfOneTaskIsLeftOut) {
  EXPECT_THAT(VariablesText({WriteOf(1, 0x1000, 8), ReadOf(1, 0x1000, 8), WriteOf(2, 0x1008, 8)}),
              ElementsAre("-", "-", "-"));
}

TEST(TraceMemoryTest, MemoryThatIsOnlyReadIsLeftOut) {
  EXPECT_THAT(VariablesText({ReadOf(1, 0x1000, 8), ReadOf(2, 0x1000, 8)}), ElementsAre("-", "-"));
  EXPECT_THAT(VariablesText({ReadOf(1, 0x1000, 8), ReadOf(2, 0x1000, 8), WriteOf(2, 0x1000, 8)}),
              ElementsAre("1000+8", "1000+8", "1000+8"));
}

TEST(TraceMemoryTest, AnAccessToNothingIsToNoVariable) {
  EXPECT_THAT(VariablesText({WriteOf(1, 0x1000, 8), ReadOf(2, 0x1000, 8), WriteOf(1, 0x1003, 0)}),
              ElementsAre("1000+8", "1000+8", "-"));
}

TEST(TraceMemoryTest, RangesGoOverPages) {
  TraceMemory memory;
  const auto all =
      TwoPasses(memory, {WriteOf(1, 0x1ffc, 0x2008), ReadOf(2, 0x1ffc, 0x2008), ReadOf(1, 0x3000, 4)});
  ASSERT_EQ(all[0].size(), 0x400u + 3) << "4 bytes in the first page, 1024 words with one cut, and 4 bytes";
  EXPECT_EQ(all[0], all[1]);
  EXPECT_EQ(memory.variables()[all[0].front()].address, 0x1ffcu);
  EXPECT_EQ(memory.variables()[all[0].back()].address, 0x4000u);
  ASSERT_EQ(all[2].size(), 1u);
  EXPECT_EQ(memory.variables()[all[2][0]].address, 0x3000u);
}

TEST(TraceMemoryTest, RenewedMemoryIsSomethingElse) {
  TraceMemory memory;
  const auto all = TwoPasses(memory, {WriteOf(1, 0x1000, 8), ReadOf(2, 0x1000, 8), RenewOf(0x1000, 8),
                                      WriteOf(2, 0x1000, 8), ReadOf(1, 0x1000, 8)});
  EXPECT_EQ(all[0], all[1]);
  EXPECT_EQ(all[2], all[3]);
  EXPECT_NE(all[0], all[2]);
  EXPECT_EQ(memory.variables()[all[2][0]].address, 0x1000u);
}

TEST(TraceMemoryTest, RenewedMemoryIsDividedAndSharedAnew) {
  EXPECT_THAT(VariablesText({WriteOf(1, 0x1000, 4), RenewOf(0x1000, 8), WriteOf(2, 0x1000, 8)}),
              ElementsAre("-", "-"));
  EXPECT_THAT(VariablesText({WriteOf(1, 0x1000, 4), WriteOf(2, 0x1004, 4), RenewOf(0x1000, 8),
                             WriteOf(2, 0x1000, 8), WriteOf(1, 0x1000, 8)}),
              ElementsAre("1000+4", "1004+4", "1000+8", "1000+8"));
}

TEST(TraceMemoryTest, AWordOfWhichAPartIsRenewedIsSomethingElse) {
  EXPECT_THAT(VariablesText({WriteOf(1, 0x1000, 8), RenewOf(0x1007, 2), WriteOf(2, 0x1000, 8)}),
              ElementsAre("-", "-"));
  EXPECT_THAT(VariablesText({WriteOf(1, 0x1000, 16), RenewOf(0x1008, 0), WriteOf(2, 0x1000, 16)}),
              ElementsAre("1000+8 1008+8", "1000+8 1008+8"));
}

// All of the address space takes no longer than what is used of it.
TEST(TraceMemoryTest, RangesWithoutEndAreRenewed) {
  for (const uint64_t bytes : {uint64_t{1} << 47, uint64_t{1} << 63, UINT64_MAX}) {
    EXPECT_THAT(VariablesText({WriteOf(1, 0xff8, 8), WriteOf(1, 0x1000, 8), WriteOf(1, 0x7fff12345678, 8),
                               RenewOf(0x1000, bytes), WriteOf(2, 0xff8, 8), WriteOf(2, 0x1000, 8),
                               WriteOf(2, 0x7fff12345678, 8)}),
                ElementsAre("ff8+8", "-", "-", "ff8+8", "-", "-"));
  }
}

TEST(TraceMemoryTest, MemoryThatIsLeftOutIsNoVariableBeforeAndAfter) {
  EXPECT_THAT(VariablesText({WriteOf(1, 0x1000, 8), LeaveOf(0x1000, 8), WriteOf(2, 0x1000, 8),
                             WriteOf(1, 0x1008, 8), WriteOf(2, 0x1008, 8)}),
              ElementsAre("-", "-", "1008+8", "1008+8"));
  EXPECT_THAT(
      VariablesText({LeaveOf(0x1000, 8), RenewOf(0x1000, 8), WriteOf(1, 0x1000, 8), WriteOf(2, 0x1000, 8)}),
      ElementsAre("1000+8", "1000+8"))
      << "it is something else";
}

// The same, a byte at a time: a variable is what no access takes apart, in one life of its word.
class NaiveMemory {
 public:
  using Byte = std::pair<uint64_t, int>;  // address, and which life of the word

  explicit NaiveMemory(const std::vector<Step>& steps) {
    for (const Step& step : steps) Add(step);
  }

  // The variables of each access: its bytes, which no access takes apart.
  std::vector<std::set<std::set<Byte>>> Variables() const {
    std::vector<std::set<std::set<Byte>>> all;
    for (const auto& [writes, task, bytes] : accesses_) {
      std::set<std::set<Byte>>& own = all.emplace_back();
      for (const Byte& byte : bytes) {
        const Word word = WordOf(byte);
        if (!IsShared(word) || left_.count(word) != 0) continue;
        std::set<Byte> variable;
        for (uint64_t i = 0; i < 8; ++i) {
          const Byte other = {word.first + i, word.second};
          if (IsApart(byte, other)) continue;
          variable.insert(other);
        }
        own.insert(variable);
      }
    }
    return all;
  }

 private:
  using Word = Byte;
  struct Access {
    bool writes;
    uint32_t task;
    std::set<Byte> bytes;
  };

  static Word WordOf(const Byte& byte) { return {byte.first & ~uint64_t{7}, byte.second}; }

  void Add(const Step& step) {
    Access access = {step.writes, step.task, {}};
    for (uint64_t at = step.address; at < step.address + step.bytes; ++at) {
      const uint64_t word = at & ~uint64_t{7};
      if (step.kind == Step::kRenew) renewed_.insert(word);
      if (step.kind == Step::kLeave) left_.insert({word, lives_[word]});
      access.bytes.insert({at, lives_[word]});
    }
    for (const uint64_t word : renewed_) ++lives_[word];
    renewed_.clear();
    if (step.kind == Step::kAccess) accesses_.push_back(access);
  }

  bool IsShared(const Word& word) const {
    std::set<uint32_t> tasks;
    bool is_written = false;
    for (const auto& [writes, task, bytes] : accesses_) {
      for (uint64_t i = 0; i < 8; ++i) {
        if (bytes.count({word.first + i, word.second}) == 0) continue;
        tasks.insert(task);
        is_written |= writes;
      }
    }
    return tasks.size() > 1 && is_written;
  }

  // Some access ends or begins between the two.
  bool IsApart(const Byte& a, const Byte& b) const {
    const Byte low = std::min(a, b), high = std::max(a, b);
    for (const auto& [writes, task, bytes] : accesses_) {
      for (uint64_t at = low.first; at < high.first; ++at) {
        if (bytes.count({at, low.second}) != bytes.count({at + 1, low.second})) return true;
      }
    }
    return false;
  }

  std::vector<Access> accesses_;
  std::map<uint64_t, int> lives_;
  std::set<uint64_t> renewed_;
  std::set<Word> left_;
};

std::vector<Step> RandomSteps(std::mt19937_64& random) {
  std::vector<Step> steps;
  // About the end of a page.
  const uint64_t base = 0x7f0000001fe8;
  for (uint64_t i = 0; i < 4 + random() % 16; ++i) {
    const uint64_t bytes = random() % 3 == 0 ? random() % 24 : uint64_t{1} << random() % 4;
    Step step = {Step::kAccess, base + random() % 40, bytes, static_cast<uint32_t>(random() % 3),
                 random() % 2 == 0};
    if (random() % 8 == 0) step.kind = Step::kRenew;
    if (random() % 32 == 0) step.kind = Step::kLeave;
    steps.push_back(step);
  }
  return steps;
}

TEST(TraceMemoryTest, VariablesAreThoseOfANaiveModelOfBytes) {
  for (uint64_t seed = 0; seed < 3'000; ++seed) {
    std::mt19937_64 random(seed);
    const std::vector<Step> steps = RandomSteps(random);
    TraceMemory memory;
    const auto all = TwoPasses(memory, steps);
    const auto wanted = NaiveMemory(steps).Variables();
    ASSERT_EQ(all.size(), wanted.size());
    // A number for each variable of the model, and the other way round.
    std::map<std::set<NaiveMemory::Byte>, uint32_t> numbers;
    std::set<uint32_t> used;
    for (size_t i = 0; i < all.size(); ++i) {
      ASSERT_EQ(all[i].size(), wanted[i].size()) << "seed " << seed << ", access " << i;
      size_t at = 0;
      for (const std::set<NaiveMemory::Byte>& bytes : wanted[i]) {
        const uint32_t number = all[i][at++];
        const auto [it, is_new] = numbers.try_emplace(bytes, number);
        EXPECT_EQ(it->second, number) << "seed " << seed << ", access " << i;
        EXPECT_EQ(used.insert(number).second, is_new) << "seed " << seed << ", access " << i;
        const TraceMemory::Variable& variable = memory.variables().at(number);
        EXPECT_EQ(variable.address, bytes.begin()->first) << "seed " << seed;
        EXPECT_EQ(variable.bytes, bytes.size()) << "seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace stray::analyzer
