// SPDX-License-Identifier: Apache-2.0
// stray::RWMutex.
#include <gtest/gtest.h>

#include <mutex>
#include <shared_mutex>
#include <thread>

#include "stray/mutex.h"
#include "stray/wait_group.h"
#include "tests/support/parked.h"

namespace stray {
namespace {

constexpr WaitReason kRead = WaitReason::kSyncRWMutexRLock, kWrite = WaitReason::kSyncRWMutexLock;

constinit RWMutex static_mutex;

TEST(RWMutexTest, StaticOneNeedsNoConstructor) {
  std::shared_lock guard(static_mutex);
  EXPECT_FALSE(static_mutex.TryLock());
}

TEST(RWMutexTest, ReadersShareWritersExclude) {
  constexpr int kTasks = 6, kRounds = 300;
  RWMutex mutex;
  int value = 0, twin = 0;
  auto done = MakeChan<Unit>();
  const auto work = [&](int seed) {
    for (int i = 0; i < kRounds; ++i) {
      if ((seed + i) % 4 == 0) {
        std::lock_guard guard(mutex);
        ++value;
        if (i % 8 == 0) Yield();
        ++twin;
      } else {
        std::shared_lock guard(mutex);
        ASSERT_EQ(value, twin);
        if (i % 8 == 0) Yield();
      }
    }
  };
  for (int i = 0; i < kTasks; ++i) {
    Go([&, done, i] {
      work(i);
      done.Send({});
    });
  }
  std::thread thread(work, kTasks);
  for (int i = 0; i < kTasks; ++i) done.Recv();
  thread.join();
  EXPECT_EQ(value, twin);
}

TEST(RWMutexTest, TwoReadersAtOnce) {
  RWMutex mutex;
  mutex.RLock();
  InGoroutine([&] {
    mutex.RLock();
    EXPECT_FALSE(mutex.TryLock());
    mutex.RUnlock();
  });
  mutex.RUnlock();
  EXPECT_TRUE(mutex.TryLock());
  EXPECT_FALSE(mutex.TryRLock());
  EXPECT_FALSE(mutex.TryLock());
  mutex.Unlock();
  EXPECT_TRUE(mutex.try_lock_shared());
  mutex.unlock_shared();
}

TEST(RWMutexTest, WaitingWriterStopsNewReaders) {
  RWMutex mutex;
  auto order = MakeChan<int>(4);
  WaitGroup group;
  mutex.RLock();
  group.Go([&] {
    mutex.Lock();
    order.Send(1);
    mutex.Unlock();
  });
  AwaitParked(kWrite, &mutex);
  EXPECT_FALSE(mutex.TryRLock());
  group.Go([&] {
    mutex.RLock();
    order.Send(2);
    mutex.RUnlock();
  });
  AwaitParked(kRead, &mutex);
  EXPECT_EQ(order.Len(), 0u);
  mutex.RUnlock();
  EXPECT_EQ(order.Recv(), 1);
  EXPECT_EQ(order.Recv(), 2);
  group.Wait();
}

// Readers that have waited come before the next writer.
TEST(RWMutexTest, UnlockLetsWaitingReadersGoFirst) {
  RWMutex mutex;
  auto order = MakeChan<int>(4);
  WaitGroup group;
  auto leave = MakeChan<Unit>();
  mutex.Lock();
  for (int i = 0; i < 2; ++i) {
    group.Go([&] {
      mutex.RLock();
      order.Send(1);
      leave.Recv();
      mutex.RUnlock();
    });
  }
  AwaitParked(kRead, &mutex, 2);
  group.Go([&] {
    mutex.Lock();
    order.Send(2);
    mutex.Unlock();
  });
  AwaitParked(kWrite, &mutex);
  mutex.Unlock();
  EXPECT_EQ(order.Recv(), 1);
  EXPECT_EQ(order.Recv(), 1);
  AwaitParked(kWrite, &mutex);
  leave.Close();
  EXPECT_EQ(order.Recv(), 2);
  group.Wait();
}

TEST(RWMutexTest, RLockerIsTheReadingSide) {
  RWMutex mutex;
  auto reader = mutex.RLocker();
  {
    std::lock_guard guard(reader);
    EXPECT_TRUE(mutex.TryRLock());
    mutex.RUnlock();
    EXPECT_FALSE(mutex.TryLock());
  }
  reader.Lock();
  reader.Unlock();
  EXPECT_TRUE(mutex.TryLock());
  mutex.Unlock();
}

TEST(RWMutexDeathTest, UnlockOfUnlockedIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  RWMutex mutex;
  EXPECT_EXIT(mutex.Unlock(), testing::ExitedWithCode(2), "^fatal error: sync: Unlock of unlocked RWMutex\n");
  EXPECT_EXIT(mutex.RUnlock(), testing::ExitedWithCode(2), "^fatal error: sync: RUnlock of unlocked RWMutex\n");
  mutex.RLock();
  EXPECT_EXIT(mutex.Unlock(), testing::ExitedWithCode(2), "^fatal error: sync: Unlock of unlocked RWMutex\n");
  mutex.RUnlock();
  mutex.Lock();
  EXPECT_EXIT(mutex.RUnlock(), testing::ExitedWithCode(2), "^fatal error: sync: RUnlock of unlocked RWMutex\n");
  mutex.Unlock();
}

}  // namespace
}  // namespace stray
