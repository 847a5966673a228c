// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/tsan/fibers.h"

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>

#include "tests/unit/instrumentation/runtime/goroutines.h"

namespace stray::runtime {
namespace {

class LeakSanitizerDeathTest : public RuntimeDeathTest {
 protected:
  void SetUp() override {
    if (!tsan::HasLsan()) GTEST_SKIP() << "built without LeakSanitizer";
  }
};

// TSan would take the beginning of a thread for a write to its thread-local memory, and this for a race.
TEST(FibersTest, GoroutineMayReadThreadLocalMemoryOfAnyThread) {
  thread_local int mine = 1;
  constexpr int kMany = 100;
  const auto values = MakeChan<int>(kMany);
  for (int i = 0; i < kMany; ++i) {
    Go([values] {
      Yield();
      values.Send(mine);
    });
  }
  for (int i = 0; i < kMany; ++i) EXPECT_EQ(values.Recv(), 1);
}

// The names are kept in one place, under a lock that TSan does not know.
TEST(FibersTest, GoroutinesThatNothingOrdersMayGiveNames) {
  constexpr int kMany = 20;
  const auto done = MakeChan<Unit>(kMany * kMany);
  for (int i = 0; i < kMany; ++i) {
    Go([i, done] {
      for (int j = 0; j < kMany; ++j) {
        Go("a name that is long " + std::to_string(i) + "." + std::to_string(j), [done] { done.Send({}); });
        Yield();
      }
    });
  }
  for (int i = 0; i < kMany * kMany; ++i) done.Recv();
}

class ThreadSanitizerDeathTest : public RuntimeDeathTest {
 protected:
  void SetUp() override {
    if (!tsan::HasTsan()) GTEST_SKIP() << "built without ThreadSanitizer";
  }
};

// The same threads and processors, and nothing of the program's own between the two.
TEST_F(ThreadSanitizerDeathTest, GoroutinesOfOneMachineAreNotOrdered) {
  const auto race = [] {
    SetMaxProcs(1);
    int shared = 0;
    const auto done = MakeChan<Unit>(2);
    for (int i = 0; i < 2; ++i) {
      Go([&shared, done] {
        ++shared;
        done.Send({});
      });
    }
    done.Recv();
    done.Recv();
    exit(0);
  };
  EXPECT_EXIT(race(), testing::ExitedWithCode(66), "data race");
}

// Nor by the machine that one of them starts for the other.
TEST_F(ThreadSanitizerDeathTest, MakingAThreadOrdersNobodyAfterItsMaker) {
  const auto race = [] {
    SetMaxProcs(2);
    // TSan remembers four accesses to each eight bytes: those to the one must not push out those to the other.
    alignas(8) int shared = 0;
    alignas(8) std::atomic<bool> written{false};
    const auto done = MakeChan<Unit>(2);
    Go([&shared, &written, done] {
      shared = 1;
      written.store(true, std::memory_order_relaxed);
      BlockingCall([] { sched_yield(); });
      done.Send({});
    });
    Go([&shared, &written, done] {
      while (!written.load(std::memory_order_relaxed)) Yield();
      EXPECT_EQ(shared, 1);
      done.Send({});
    });
    done.Recv();
    done.Recv();
    exit(0);
  };
  EXPECT_EXIT(race(), testing::ExitedWithCode(66), "data race");
}

// Hides the pointer from the compiler, and is no call that could leave it in a frame.
template <typename T>
void Use(T* pointer) {
  asm volatile("" : : "r"(pointer) : "memory");
}

TEST_F(LeakSanitizerDeathTest, WhatAParkedGoroutineHoldsIsInUse) {
  const auto leave_parked = [] {
    const auto never = MakeChan<int>();
    Go([never] {
      const auto held = std::make_unique<int[]>(100);
      Use(held.get());
      never.Recv();
      Use(held.get());
    });
    AwaitWaiters(never, 1);
    exit(0);
  };
  EXPECT_EXIT(leave_parked(), testing::ExitedWithCode(0), "^$");
}

TEST_F(LeakSanitizerDeathTest, WhatMainHoldsIsInUseWhileItsThreadRunsAGoroutine) {
  const auto exit_from_goroutine = [] {
    const auto held = std::make_unique<int[]>(100);
    Use(held.get());
    Main([] {
      SetMaxProcs(1);  // the thread of main runs it all
      exit(0);
    });
    Use(held.get());
  };
  EXPECT_EXIT(exit_from_goroutine(), testing::ExitedWithCode(0), "^$");
}

TEST_F(LeakSanitizerDeathTest, WhatAnEndedGoroutineHeldIsLost) {
  const auto lose = [] {
    InGoroutine([] {
      InGoroutine([] {
        void* volatile lost[10];
        for (void* volatile& pointer : lost) pointer = malloc(1000);
        Use(&lost);
      });
    });
    exit(0);
  };
  EXPECT_DEATH(lose(), "LeakSanitizer: detected memory leaks");
}

}  // namespace
}  // namespace stray::runtime
