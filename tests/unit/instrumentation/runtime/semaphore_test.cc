// SPDX-License-Identifier: Apache-2.0
// stray::Semaphore.
#include "stray/semaphore.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "stray/wait_group.h"
#include "tests/support/parked.h"

namespace stray {
namespace {

using std::chrono::nanoseconds;

constexpr WaitReason kAcquire = WaitReason::kSemacquire;

TEST(SemaphoreTest, NoMoreThanItsSizeAtOnce) {
  Semaphore semaphore(3);
  std::atomic<int> inside{0}, most{0};
  WaitGroup group;
  for (int i = 0; i < 20; ++i) {
    group.Go([&] {
      semaphore.Acquire();
      const int now = ++inside;
      for (int seen = most.load(); now > seen && !most.compare_exchange_weak(seen, now);) continue;
      Yield();
      --inside;
      semaphore.Release();
    });
  }
  group.Wait();
  EXPECT_LE(most.load(), 3);
  EXPECT_TRUE(semaphore.TryAcquire(3));
}

TEST(SemaphoreTest, OneThatWantsMuchIsNotOvertaken) {
  Semaphore semaphore(4);
  auto order = MakeChan<int>(2);
  WaitGroup group;
  semaphore.Acquire(2);
  group.Go([&] {
    semaphore.Acquire(4);
    order.Send(4);
    semaphore.Release(4);
  });
  AwaitParked(kAcquire, &semaphore);
  EXPECT_FALSE(semaphore.TryAcquire(1));
  group.Go([&] {
    semaphore.Acquire(1);
    order.Send(1);
    semaphore.Release(1);
  });
  AwaitParked(kAcquire, &semaphore, 2);
  semaphore.Release(2);
  EXPECT_EQ(order.Recv(), 4);
  EXPECT_EQ(order.Recv(), 1);
  group.Wait();
}

TEST(SemaphoreTest, ThreadWaitsAsThread) {
  Semaphore semaphore(1);
  semaphore.Acquire();
  std::thread thread([&] { semaphore.Acquire(); });
  AwaitParked(kAcquire, &semaphore);
  semaphore.Release();
  thread.join();
}

TEST(SemaphoreTest, ContextEndsTheWait) {
  Semaphore semaphore(2);
  auto [context, cancel] = WithCancel(Background());
  semaphore.Acquire(1);
  auto result = MakeChan<Error>(2);
  WaitGroup group;
  group.Go([&, job = context] { result.Send(semaphore.Acquire(job, 2)); });
  while (semaphore.TryAcquire()) {  // until it waits
    semaphore.Release();
    Yield();
  }
  group.Go([&] {
    semaphore.Acquire(1);  // stands behind it
    semaphore.Release(1);
  });
  AwaitParked(kAcquire, &semaphore);
  cancel();
  EXPECT_EQ(result.Recv(), ErrCanceled());
  group.Wait();
  EXPECT_EQ(semaphore.Acquire(context, 1), ErrCanceled());  // done already: takes nothing
  EXPECT_TRUE(semaphore.TryAcquire(1));
  semaphore.Release(2);
  EXPECT_FALSE(semaphore.Acquire(Background(), 2));
}

TEST(SemaphoreTest, MoreThanThereIsWaitsForTheContextAlone) {
  Semaphore semaphore(1);
  auto [context, cancel] = WithTimeout(Background(), nanoseconds(100'000));
  EXPECT_EQ(semaphore.Acquire(context, 2), ErrDeadlineExceeded());
  EXPECT_TRUE(semaphore.TryAcquire(1));
}

TEST(SemaphoreTest, NothingIsLostWhenContextAndReleaseMeet) {
  Semaphore semaphore(2);
  for (int i = 0; i < 300; ++i) {
    semaphore.Acquire(2);
    WaitGroup group;
    auto [context, cancel] = WithCancel(Background());
    for (int j = 0; j < 2; ++j) {
      group.Go([&semaphore, job = context] {
        if (!semaphore.Acquire(job, 2)) semaphore.Release(2);
      });
    }
    group.Go([f = cancel] { f(); });
    group.Go([&] { semaphore.Release(2); });
    group.Wait();
    ASSERT_TRUE(semaphore.TryAcquire(2)) << i;
    semaphore.Release(2);
  }
}

TEST(SemaphoreDeathTest, ReleaseOfMoreThanHeldPanics) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Semaphore semaphore(2);
  semaphore.Acquire();
  EXPECT_EXIT(semaphore.Release(2), testing::ExitedWithCode(2), "^panic: semaphore: released more than held\n");
}

}  // namespace
}  // namespace stray
