// SPDX-License-Identifier: Apache-2.0
// stray::Mutex, from goroutines and from threads.
#include "stray/mutex.h"

#include <gtest/gtest.h>
#include <string.h>

#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "instrumentation/runtime/kernel.h"
#include "stray/wait_group.h"
#include "tests/support/parked.h"

namespace stray {
namespace {

constexpr WaitReason kLock = WaitReason::kSyncMutexLock;
constexpr int64_t kMoreThanStarvationNs = 2'000'000;

constinit Mutex static_mutex;

void Compute(int64_t length_ns) {
  const int64_t end = runtime::Now() + length_ns;
  while (runtime::Now() < end) continue;
}

TEST(MutexTest, ExcludesGoroutinesAndThreads) {
  constexpr int kTasks = 8, kRounds = 500;
  Mutex mutex;
  int count = 0, inside = 0;
  auto done = MakeChan<Unit>();
  const auto work = [&] {
    for (int i = 0; i < kRounds; ++i) {
      std::lock_guard guard(mutex);
      ASSERT_EQ(++inside, 1);
      ++count;
      if (i % 16 == 0) Yield();
      --inside;
    }
  };
  for (int i = 0; i < kTasks; ++i) {
    Go([&, done] {
      work();
      done.Send({});
    });
  }
  std::thread thread(work);
  work();
  for (int i = 0; i < kTasks; ++i) done.Recv();
  thread.join();
  EXPECT_EQ(count, (kTasks + 2) * kRounds);
}

TEST(MutexTest, StaticOneNeedsNoConstructor) {
  std::lock_guard guard(static_mutex);
  EXPECT_FALSE(static_mutex.TryLock());
}

TEST(MutexTest, TryLockDoesNotWait) {
  Mutex mutex;
  EXPECT_TRUE(mutex.TryLock());
  EXPECT_FALSE(mutex.TryLock());
  InGoroutine([&] { EXPECT_FALSE(mutex.try_lock()); });
  mutex.Unlock();
  EXPECT_TRUE(mutex.try_lock());
  mutex.unlock();
}

TEST(MutexTest, OtherTaskMayUnlock) {
  Mutex mutex;
  mutex.Lock();
  InGoroutine([&] { mutex.Unlock(); });
  EXPECT_TRUE(mutex.TryLock());
  mutex.Unlock();
}

TEST(MutexTest, WaiterParksUntilUnlock) {
  Mutex mutex;
  auto done = MakeChan<int>(1);
  WaitGroup group;
  mutex.Lock();
  group.Go([&] {
    mutex.Lock();
    done.Send(1);
    mutex.Unlock();
  });
  AwaitParked(kLock, &mutex);
  EXPECT_EQ(done.Len(), 0u);
  mutex.Unlock();
  EXPECT_EQ(done.Recv(), 1);
  group.Wait();
}

TEST(MutexTest, ThreadWaitsAsThread) {
  Mutex mutex;
  mutex.Lock();
  std::thread thread([&] { std::lock_guard guard(mutex); });
  AwaitParked(kLock, &mutex);
  mutex.Unlock();
  thread.join();
}

TEST(MutexTest, IsHandedOverInOrderOfArrivalOnceOneHasStarved) {
  constexpr int kWaiters = 5;
  Mutex mutex;
  auto order = MakeChan<int>(kWaiters + 1);
  WaitGroup group;
  mutex.Lock();
  for (int i = 0; i < kWaiters; ++i) {
    group.Go([&, i] {
      mutex.Lock();
      order.Send(i);
      // All that come after have waited too long as well.
      Compute(kMoreThanStarvationNs);
      mutex.Unlock();
    });
    AwaitParked(kLock, &mutex, i + 1);
  }
  Compute(kMoreThanStarvationNs);
  // The first one is woken, and finds it locked again: from here on it is handed over.
  std::thread barger([&] {
    mutex.Unlock();
    mutex.Lock();
    Compute(kMoreThanStarvationNs);
    mutex.Unlock();
  });
  barger.join();
  for (int i = 0; i < kWaiters; ++i) EXPECT_EQ(order.Recv(), i);
  group.Wait();
}

// Whoever holds the mutex nearly always, and never parks: in normal mode it would win for ever.
TEST(MutexTest, WaiterIsNotStarvedByTaskThatKeepsLocking) {
  Mutex mutex;
  std::atomic<bool> got{false};
  auto done = MakeChan<Unit>();
  Go([&, done] {
    for (int i = 0; i < 10; ++i) {
      mutex.Lock();
      mutex.Unlock();
      Yield();
    }
    got.store(true);
    done.Send({});
  });
  while (!got.load()) {
    mutex.Lock();
    Compute(100'000);
    mutex.Unlock();
  }
  done.Recv();
}

// Who locks last may destroy it at once, though the one before is still inside Unlock.
TEST(MutexTest, MayBeDestroyedByTheLastHolder) {
  for (int i = 0; i < 300; ++i) {
    struct Shared {
      Mutex mutex;
      int owners = 3;
    };
    auto* shared = new Shared;
    const auto drop = [shared] {
      shared->mutex.Lock();
      const bool last = --shared->owners == 0;
      shared->mutex.Unlock();
      if (!last) return;
      memset(static_cast<void*>(shared), 0x5a, sizeof(Shared));
      delete shared;
    };
    auto done = MakeChan<Unit>(2);
    for (int j = 0; j < 2; ++j) {
      Go([drop, done] {
        drop();
        done.Send({});
      });
    }
    drop();
    done.Recv();
    done.Recv();
  }
}

TEST(MutexTest, RemembersWhoHasIt) {
  Mutex mutex;
  uint64_t holder = 0;
  InGoroutine([&] {
    mutex.Lock();
    holder = GoroutineId();
  });
  const auto* core = static_cast<const detail::MutexCore*>(static_cast<const void*>(&mutex));  // as reports do
  EXPECT_EQ(core->holder.task.load(), holder);
  EXPECT_NE(core->holder.site.load(), nullptr);
  mutex.Unlock();
}

TEST(MutexDeathTest, UnlockOfUnlockedIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Mutex mutex;
  EXPECT_EXIT(mutex.Unlock(), testing::ExitedWithCode(2), "^fatal error: sync: unlock of unlocked mutex\n");
  EXPECT_EXIT(InGoroutine([&] { mutex.Unlock(); }), testing::ExitedWithCode(2),
              "^fatal error: sync: unlock of unlocked mutex\n\ngoroutine [0-9]+ \\[running\\]");
}

TEST(MutexDeathTest, LockingTwiceIsADeadlockOfAll) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        Mutex mutex;
        Main([&] {
          mutex.Lock();
          mutex.Lock();
        });
      },
      testing::ExitedWithCode(2),
      "^fatal error: all goroutines are asleep - deadlock!\n(.|\n)*\\[sync.Mutex.Lock\\]");
}

}  // namespace
}  // namespace stray
