// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/run_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "instrumentation/runtime/global_queue.h"

namespace stray::runtime {
namespace {

TEST(RunQueueTest, GivesBackInOrder) {
  std::vector<Task> tasks(RunQueue::kSize);
  RunQueue queue;
  EXPECT_TRUE(queue.IsEmpty());
  for (int round = 0; round < 3; ++round) {  // around the ring
    for (size_t i = 0; i < 200; ++i) EXPECT_TRUE(queue.Push(&tasks[i]));
    EXPECT_EQ(queue.Count(), 200u);
    for (size_t i = 0; i < 200; ++i) EXPECT_EQ(queue.Pop(), &tasks[i]);
    EXPECT_EQ(queue.Pop(), nullptr);
  }
}

TEST(RunQueueTest, TakesNoMoreThanFit) {
  std::vector<Task> tasks(RunQueue::kSize + 1);
  RunQueue queue;
  for (size_t i = 0; i < RunQueue::kSize; ++i) EXPECT_TRUE(queue.Push(&tasks[i]));
  EXPECT_FALSE(queue.Push(&tasks.back()));
  EXPECT_EQ(queue.Pop(), tasks.data());
  EXPECT_TRUE(queue.Push(&tasks.back()));
}

TEST(RunQueueTest, TakeHalfTakesTheOlderHalfInOrder) {
  std::vector<Task> tasks(RunQueue::kSize);
  RunQueue queue;
  for (Task& task : tasks) queue.Push(&task);
  Task* half[RunQueue::kSize / 2];
  EXPECT_EQ(queue.TakeHalf(half), RunQueue::kSize / 2);
  for (size_t i = 0; i < RunQueue::kSize / 2; ++i) EXPECT_EQ(half[i], &tasks[i]);
  EXPECT_EQ(queue.Pop(), &tasks[RunQueue::kSize / 2]);
}

TEST(RunQueueTest, ThiefGetsHalfRoundedUpOneOfThemInHand) {
  for (size_t count : {0u, 1u, 2u, 3u, 10u, 256u}) {
    std::vector<Task> tasks(count);
    RunQueue from, to;
    for (Task& task : tasks) from.Push(&task);
    Task* stolen = from.StealInto(to);
    EXPECT_EQ(stolen != nullptr, count != 0);
    EXPECT_EQ(to.Count() + (stolen != nullptr), (count + 1) / 2) << count;
    EXPECT_EQ(from.Count(), count / 2) << count;
  }
}

TEST(GlobalQueueTest, GivesBackInOrderAcrossItsBlocks) {
  std::vector<Task> tasks(5000);
  static GlobalQueue queue;  // its blocks stay
  size_t pushed = 0, popped = 0;
  for (const auto& [push, pop] : {std::pair(1u, 1u), {300u, 10u}, {4000u, 4290u}, {254u, 0u}, {445u, 699u}}) {
    for (size_t i = 0; i < push; ++i) queue.Push(&tasks[pushed++]);
    for (size_t i = 0; i < pop; ++i) ASSERT_EQ(queue.Pop(), &tasks[popped++]);
    EXPECT_EQ(queue.Count(), pushed - popped);
    EXPECT_EQ(queue.IsEmpty(), pushed == popped);
  }
  EXPECT_EQ(queue.Pop(), nullptr);
}

TEST(TaskListTest, AppendMovesAll) {
  Task tasks[4];
  TaskList a, b, empty;
  a.Append(empty);
  a.Push(&tasks[0]);
  b.Push(&tasks[1]);
  b.Push(&tasks[2]);
  a.Append(b);
  a.Append(empty);
  a.Push(&tasks[3]);
  EXPECT_EQ(b.head, nullptr);
  EXPECT_EQ(a.count, 4u);
  for (Task& task : tasks) EXPECT_EQ(a.Pop(), &task);
}

// One owner and two thieves; each task must come out as often as it went in.
TEST(RunQueueTest, NothingIsLostOrRunTwiceUnderThieves) {
  constexpr size_t kTasks = 64, kRounds = 20'000;
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::vector<Task> tasks(kTasks);
  // Free for the owner to push; whoever has taken a task out says so.
  std::vector<std::atomic<bool>> is_free(kTasks);
  for (auto& flag : is_free) flag = true;
  std::atomic<uint64_t> taken{0}, twice{0};
  std::atomic<bool> stop{false};
  const auto take = [&](Task* task) {
    twice += is_free[static_cast<size_t>(task - tasks.data())].exchange(true);
    ++taken;
  };
  RunQueue queue;
  const auto steal = [&] {
    const auto mine = std::make_unique<RunQueue>();
    while (!stop) {
      if (Task* task = queue.StealInto(*mine)) take(task);
      while (Task* task = mine->Pop()) take(task);
    }
  };
  std::thread thieves[] = {std::thread(steal), std::thread(steal)};
  std::mt19937 random(seed);
  uint64_t pushed = 0;
  for (size_t round = 0; round < kRounds; ++round) {
    const size_t i = random() % kTasks;
    if (is_free[i].exchange(false)) {
      ASSERT_TRUE(queue.Push(&tasks[i]));
      ++pushed;
    }
    if (random() % 3 == 0) {
      if (Task* task = queue.Pop()) take(task);
    }
    if (random() % 1000 == 0) {
      Task* half[RunQueue::kSize / 2];
      for (uint32_t j = 0, count = queue.TakeHalf(half); j < count; ++j) take(half[j]);
    }
  }
  while (Task* task = queue.Pop()) take(task);
  stop = true;
  for (std::thread& thief : thieves) thief.join();
  EXPECT_EQ(taken, pushed);
  EXPECT_EQ(twice, 0u);
}

}  // namespace
}  // namespace stray::runtime
