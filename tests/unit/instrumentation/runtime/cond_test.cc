// SPDX-License-Identifier: Apache-2.0
// stray::Cond.
#include "stray/cond.h"

#include <gtest/gtest.h>

#include <deque>
#include <mutex>
#include <thread>

#include "stray/wait_group.h"
#include "tests/support/parked.h"

namespace stray {
namespace {

constexpr WaitReason kWait = WaitReason::kSyncCondWait;

TEST(CondTest, SignalWakesOneInOrderOfArrival) {
  constexpr int kWaiters = 4;
  Mutex mutex;
  Cond cond(mutex);
  auto order = MakeChan<int>(kWaiters);
  WaitGroup group;
  for (int i = 0; i < kWaiters; ++i) {
    group.Go([&, i] {
      std::lock_guard guard(mutex);
      cond.Wait();
      order.Send(i);
    });
    AwaitParked(kWait, &cond, i + 1);
  }
  for (int i = 0; i < kWaiters; ++i) {
    EXPECT_EQ(order.Len(), 0u);
    cond.Signal();
    EXPECT_EQ(order.Recv(), i);
  }
  group.Wait();
}

TEST(CondTest, BroadcastWakesAll) {
  Mutex mutex;
  Cond cond(mutex);
  WaitGroup group;
  const auto wait = [&] {
    std::lock_guard guard(mutex);
    cond.Wait();
  };
  for (int i = 0; i < 5; ++i) group.Go(wait);
  std::thread thread(wait);
  AwaitParked(kWait, &cond, 6);
  EXPECT_TRUE(mutex.TryLock());  // Wait has released it
  cond.Broadcast();
  mutex.Unlock();
  group.Wait();
  thread.join();
}

TEST(CondTest, SignalBeforeWaitIsLost) {
  Mutex mutex;
  Cond cond(mutex);
  cond.Signal();
  cond.Broadcast();
  auto done = MakeChan<int>(1);
  WaitGroup group;
  group.Go([&] {
    std::lock_guard guard(mutex);
    cond.Wait();
    done.Send(1);
  });
  AwaitParked(kWait, &cond);
  EXPECT_EQ(done.Len(), 0u);
  cond.Signal();
  EXPECT_EQ(done.Recv(), 1);
  group.Wait();
}

TEST(CondTest, QueueLosesNothing) {
  constexpr int kItems = 2000, kConsumers = 4;
  Mutex mutex;
  Cond not_empty(mutex), not_full(mutex);
  std::deque<int> queue;
  long sum = 0;
  WaitGroup group;
  for (int i = 0; i < kConsumers; ++i) {
    group.Go([&] {
      for (int j = 0; j < kItems / kConsumers; ++j) {
        std::lock_guard guard(mutex);
        not_empty.Wait([&] { return !queue.empty(); });
        sum += queue.front();
        queue.pop_front();
        not_full.Signal();
      }
    });
  }
  for (int i = 1; i <= kItems; ++i) {
    std::lock_guard guard(mutex);
    not_full.Wait([&] { return queue.size() < 3; });
    queue.push_back(i);
    not_empty.Signal();
  }
  group.Wait();
  EXPECT_EQ(sum, long{kItems} * (kItems + 1) / 2);
}

TEST(CondTest, WorksWithBothSidesOfRWMutex) {
  RWMutex mutex;
  Cond readers(mutex.RLocker()), writers(mutex);
  WaitGroup group;
  for (int i = 0; i < 2; ++i) {
    group.Go([&] {
      mutex.RLock();
      readers.Wait();
      mutex.RUnlock();
    });
  }
  group.Go([&] {
    mutex.Lock();
    writers.Wait();
    mutex.Unlock();
  });
  AwaitParked(kWait, &readers, 2);
  AwaitParked(kWait, &writers);
  mutex.Lock();
  readers.Broadcast();
  writers.Signal();
  mutex.Unlock();
  group.Wait();
}

}  // namespace
}  // namespace stray
