// SPDX-License-Identifier: Apache-2.0
// stray::WaitGroup.
#include "stray/wait_group.h"

#include <gtest/gtest.h>
#include <string.h>

#include <atomic>
#include <memory>
#include <thread>

#include "tests/support/parked.h"

namespace stray {
namespace {

constexpr WaitReason kWait = WaitReason::kSyncWaitGroupWait;

TEST(WaitGroupTest, WaitOfNothingReturns) {
  WaitGroup group;
  group.Wait();
  group.Add(0);
  group.Wait();
}

TEST(WaitGroupTest, WaitsForAll) {
  WaitGroup group;
  std::atomic<int> done{0};
  for (int i = 0; i < 50; ++i) group.Go([&] { ++done; });
  group.Go("named", [&, only = std::make_unique<int>(50)] { done += *only; });
  group.Wait();
  EXPECT_EQ(done.load(), 100);
}

TEST(WaitGroupTest, AllWaitersAreWoken) {
  WaitGroup group, waiters;
  group.Add(2);
  for (int i = 0; i < 4; ++i) waiters.Go([&] { group.Wait(); });
  std::thread thread([&] { group.Wait(); });
  AwaitParked(kWait, &group, 5);
  group.Done();
  EXPECT_EQ(CountParked(kWait, &group), 5);
  group.Done();
  waiters.Wait();
  thread.join();
}

TEST(WaitGroupTest, MayBeUsedAgain) {
  WaitGroup group;
  for (int round = 0; round < 100; ++round) {
    std::atomic<int> done{0};
    for (int i = 0; i < 3; ++i) group.Go([&] { ++done; });
    group.Wait();
    ASSERT_EQ(done.load(), 3);
  }
}

TEST(WaitGroupTest, WhatWasCapturedIsGoneWhenWaitReturns) {
  for (int i = 0; i < 100; ++i) {
    auto shared = std::make_shared<int>(1);
    WaitGroup group;
    group.Go([shared] {});
    group.Wait();
    ASSERT_EQ(shared.use_count(), 1);
  }
}

// The last Done must not touch the group once Wait may have returned.
TEST(WaitGroupTest, MayBeDestroyedAfterWait) {
  for (int i = 0; i < 500; ++i) {
    alignas(WaitGroup) char memory[sizeof(WaitGroup)];
    auto* group = new (memory) WaitGroup;
    group->Go([] {});
    group->Go([] { Yield(); });
    group->Wait();
    memset(memory, 0x5a, sizeof(memory));
  }
}

TEST(WaitGroupDeathTest, NegativeCounterPanics) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  WaitGroup group;
  group.Add(1);
  group.Done();
  EXPECT_EXIT(group.Done(), testing::ExitedWithCode(2), "^panic: sync: negative WaitGroup counter\n");
  EXPECT_EXIT(InGoroutine([&] { group.Add(-1); }), testing::ExitedWithCode(2),
              "^panic: sync: negative WaitGroup counter\n");
}

// Go can only find these by chance; here the counts are set to what the chance would have made of them.
TEST(WaitGroupDeathTest, MisuseThatIsNoticedPanics) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  WaitGroup group;
  auto& core = reinterpret_cast<detail::WaitGroupCore&>(group);
  EXPECT_EXIT(
      {
        core.counts = 1;  // a waiter whose counter has gone to zero
        group.Add(1);
      },
      testing::ExitedWithCode(2), "^panic: sync: WaitGroup misuse: Add called concurrently with Wait\n");
  EXPECT_EXIT(
      {
        group.Add(1);
        Go([&] {
          AwaitParked(kWait, &group);
          runtime::Task* parked = core.core.first->task;
          core.counts = uint64_t{1} << 32;  // Add came before the waiter has run
          runtime::Ready(parked);
        });
        group.Wait();
      },
      testing::ExitedWithCode(2), "^panic: sync: WaitGroup is reused before previous Wait has returned\n");
}

}  // namespace
}  // namespace stray
