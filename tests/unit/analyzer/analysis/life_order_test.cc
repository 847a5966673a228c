// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/life_order.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/unit/analyzer/analysis/process_builder.h"

namespace stray::analyzer {
namespace {

// main (T1) creates T2 at life 10 and joins it at life 20.
ProcessBuilder OneChild() {
  ProcessBuilder p;
  p.Main(1).Thread(2).Life(2, 1, 10, 1, 20);
  return p;
}

TEST(LifeOrderTest, WhatCameBeforeTheCreationNeverOverlaps) {
  ProcessBuilder p = OneChild();
  LifeOrder order(p.Get());
  EXPECT_EQ(order.OverlapOf({1, 3, 9}, {2, 10, 10}), Overlap::kNever);
  EXPECT_EQ(order.OverlapOf({2, 10, 10}, {1, 3, 9}), Overlap::kNever);
}

TEST(LifeOrderTest, WhatCameAfterTheJoinNeverOverlaps) {
  ProcessBuilder p = OneChild();
  LifeOrder order(p.Get());
  EXPECT_EQ(order.OverlapOf({1, 20, 25}, {2, 10, 10}), Overlap::kNever);
}

TEST(LifeOrderTest, BetweenCreationAndJoinAnythingIsPossible) {
  ProcessBuilder p = OneChild();
  LifeOrder order(p.Get());
  EXPECT_EQ(order.OverlapOf({1, 10, 10}, {2, 10, 10}), Overlap::kPossible);
  EXPECT_EQ(order.OverlapOf({1, 3, 12}, {2, 10, 10}), Overlap::kPossible);
}

TEST(LifeOrderTest, BeforeAndAfterButNothingKnownInBetweenIsUnknown) {
  ProcessBuilder p = OneChild();
  LifeOrder order(p.Get());
  EXPECT_EQ(order.OverlapOf({1, 3, 20}, {2, 10, 10}), Overlap::kUnknown);
}

TEST(LifeOrderTest, SiblingsOverlapUnlessOneIsJoinedBeforeTheOtherIsMade) {
  ProcessBuilder p;
  p.Main(1).Thread(2).Thread(3).Thread(4).Life(2, 1, 10, 1, 20).Life(3, 1, 15, 1, 30).Life(4, 1, 21, 0, 0);
  LifeOrder order(p.Get());
  EXPECT_EQ(order.OverlapOf({2, 10, 10}, {3, 15, 15}), Overlap::kPossible);
  EXPECT_EQ(order.OverlapOf({2, 10, 10}, {4, 21, 21}), Overlap::kNever);
}

TEST(LifeOrderTest, ADetachedThreadOverlapsWithAllThatFollows) {
  ProcessBuilder p;
  p.Main(1).Thread(2).Life(2, 1, 10);
  LifeOrder order(p.Get());
  EXPECT_EQ(order.OverlapOf({1, 90, 90}, {2, 10, 10}), Overlap::kPossible);
}

wire::Sighting Seen(uint64_t clock, uint64_t acquired, uint64_t last_clock, uint64_t last_acquired) {
  wire::Sighting seen;
  seen.set_has_clock(true);
  seen.set_first_clock(clock);
  seen.set_first_acquired(acquired);
  seen.set_last_clock(last_clock);
  seen.set_last_acquired(last_acquired);
  return seen;
}

TEST(LifeOrderTest, GoroutinesThatCannotHaveLearntOfEachOtherOverlap) {
  ProcessBuilder p;
  p.Main(1).Thread(2).Thread(3).Life(2, 1, 10, 0, 0).Life(3, 1, 11, 0, 0);
  LifeOrder order(p.Get());
  const wire::Sighting first = Seen(5, 0, 5, 0);
  const wire::Sighting knows_nothing_newer = Seen(9, 5, 9, 5);
  const wire::Sighting may_know = Seen(9, 6, 9, 6);
  EXPECT_EQ(order.OverlapOf({2, 0, 0, &first}, {3, 0, 0, &knows_nothing_newer}), Overlap::kPossible);
  EXPECT_EQ(order.OverlapOf({2, 0, 0, &first}, {3, 0, 0, &may_know}), Overlap::kUnknown);
  EXPECT_EQ(order.OverlapOf({3, 0, 0, &may_know}, {2, 0, 0, &first}), Overlap::kUnknown);
  // Of threads nothing of the kind is known.
  EXPECT_EQ(order.OverlapOf({2, 0, 0, &first}, {3, 0, 0}), Overlap::kUnknown);
}

TEST(LifeOrderTest, OneOfTheFirstAndLastTimesIsEnoughForGoroutinesToOverlap) {
  ProcessBuilder p;
  p.Main(1).Thread(2).Thread(3).Life(2, 1, 10, 0, 0).Life(3, 1, 11, 0, 0);
  LifeOrder order(p.Get());
  const wire::Sighting early_and_late = Seen(1, 0, 20, 19);
  const wire::Sighting in_between = Seen(7, 6, 21, 20);
  EXPECT_EQ(order.OverlapOf({2, 0, 0, &early_and_late}, {3, 0, 0, &in_between}), Overlap::kPossible);
  const wire::Sighting after_all = Seen(30, 25, 31, 30);
  EXPECT_EQ(order.OverlapOf({2, 0, 0, &early_and_late}, {3, 0, 0, &after_all}), Overlap::kUnknown);
}

TEST(LifeOrderTest, AMissingRecordMakesTheOrderUnknownAndNotPossible) {
  ProcessBuilder p;
  p.Main(1).Thread(3).Life(3, 2, 12);  // T2, its parent, has no record any more
  LifeOrder order(p.Get());
  EXPECT_EQ(order.OverlapOf({1, 3, 3}, {3, 12, 12}), Overlap::kUnknown);
  EXPECT_EQ(order.OverlapOf({1, 3, 3}, {77, 4, 4}), Overlap::kUnknown);
}

// Runs a random program of creations, joins and operations, and knows the truth: one node for each step,
// edges in the order of each task, from a creation to the first step of the child and from the last step of a
// task to its join.
class RandomProgram {
 public:
  explicit RandomProgram(uint32_t seed) : random_(seed) {
    builder_.Main(1);
    AddTask(1);
    for (int i = 0; i < 30; ++i) Step();
  }

  const ProcessModel& Model() { return builder_.Get(); }

  struct Operation {
    LifeSpan span;
    size_t node;
  };
  const std::vector<Operation>& operations() const { return operations_; }

  bool IsBefore(size_t from, size_t to) const {
    std::vector<size_t> queue = {from};
    std::vector<bool> seen(next_.size(), false);
    for (size_t at = 0; at < queue.size(); ++at) {
      for (size_t next : next_[queue[at]]) {
        if (next == to) return true;
        if (!seen[next]) queue.push_back(next);
        seen[next] = true;
      }
    }
    return false;
  }

 private:
  struct Running {
    uint32_t id;
    uint32_t epoch;
    size_t last;  // node of its last step
    bool joinable;
  };

  size_t AddNode() {
    next_.emplace_back();
    return next_.size() - 1;
  }
  void AddTask(uint32_t id) { running_.push_back({id, clock_, AddNode(), id != 1}); }

  size_t Advance(size_t index) {
    const size_t node = AddNode();
    next_[running_[index].last].push_back(node);
    running_[index].last = node;
    return node;
  }

  void Step() {
    const size_t index = random_() % running_.size();
    const size_t node = Advance(index);
    switch (random_() % 4) {
      case 0: {
        const uint32_t id = ++last_id_;
        builder_.Thread(id).Life(id, running_[index].id, ++clock_);
        running_[index].epoch = clock_;
        AddTask(id);
        next_[node].push_back(running_.back().last);
        break;
      }
      case 1: {
        const size_t joined = random_() % running_.size();
        if (joined == index || !running_[joined].joinable) break;
        wire::Task& task = builder_.task(running_[joined].id);
        task.set_join_life(++clock_);
        task.set_joined_by(running_[index].id);
        running_[index].epoch = clock_;
        next_[running_[joined].last].push_back(node);
        running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(joined));
        break;
      }
      default:
        operations_.push_back({{running_[index].id, running_[index].epoch, running_[index].epoch}, node});
    }
  }

  std::mt19937 random_;
  ProcessBuilder builder_;
  uint32_t clock_ = 1;
  uint32_t last_id_ = 1;
  std::vector<Running> running_;
  std::vector<std::vector<size_t>> next_;
  std::vector<Operation> operations_;
};

TEST(LifeOrderTest, IsExactForSingleOperationsOfRandomPrograms) {
  size_t ordered = 0, unordered = 0;
  for (uint32_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(seed);
    RandomProgram program(seed);
    LifeOrder order(program.Model());
    for (const auto& a : program.operations()) {
      for (const auto& b : program.operations()) {
        if (a.span.task == b.span.task) continue;
        const bool in_order = program.IsBefore(a.node, b.node) || program.IsBefore(b.node, a.node);
        ASSERT_EQ(order.OverlapOf(a.span, b.span), in_order ? Overlap::kNever : Overlap::kPossible)
            << "T" << a.span.task << " epoch " << a.span.first << ", T" << b.span.task << " epoch "
            << b.span.first;
        ++(in_order ? ordered : unordered);
      }
    }
  }
  EXPECT_GT(ordered, 1000u);
  EXPECT_GT(unordered, 1000u);
}

}  // namespace
}  // namespace stray::analyzer
