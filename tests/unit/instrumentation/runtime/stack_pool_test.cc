// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/stack_pool.h"

#include <string.h>

#include <set>
#include <vector>

#include "instrumentation/tsan/fibers.h"
#include "tests/unit/instrumentation/runtime/goroutines.h"

namespace stray::runtime {
namespace {

TEST(StackPoolTest, StacksAreApartAndOfTheirSize) {
  StackCache cache;
  std::vector<Stack> stacks(100);
  std::set<char*> tops;
  for (Stack& stack : stacks) {
    ASSERT_TRUE(TakeStack(cache, &stack));
    EXPECT_EQ(stack.top - stack.low, static_cast<ptrdiff_t>(StackSize() - 4096));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(stack.top) % 4096, 0u);
    EXPECT_TRUE(tops.insert(stack.top).second);
    memset(stack.top - 1000, 1, 1000);
    *stack.low = 1;
    EXPECT_TRUE(IsIntact(stack));
  }
  for (const Stack& stack : stacks) GiveStack(cache, stack);
  FlushStacks(cache);
}

TEST(StackPoolTest, TheLastGivenIsTheNextTaken) {
  StackCache cache;
  Stack first, second, again;
  ASSERT_TRUE(TakeStack(cache, &first));
  ASSERT_TRUE(TakeStack(cache, &second));
  GiveStack(cache, first);
  GiveStack(cache, second);
  ASSERT_TRUE(TakeStack(cache, &again));
  EXPECT_EQ(again.top, second.top);
  ASSERT_TRUE(TakeStack(cache, &again));
  EXPECT_EQ(again.top, first.top);
  GiveStack(cache, first);
  GiveStack(cache, second);
  FlushStacks(cache);
}

TEST(StackPoolTest, ManyGivenToOneCacheReachAnother) {
  StackCache giver, taker;
  std::vector<Stack> stacks(500);
  std::set<char*> tops;
  for (Stack& stack : stacks) {
    ASSERT_TRUE(TakeStack(giver, &stack));
    tops.insert(stack.top);
  }
  for (const Stack& stack : stacks) GiveStack(giver, stack);
  FlushStacks(giver);
  EXPECT_EQ(giver.count, 0u);
  // With what the giver had taken in a bundle and not used.
  stacks.resize(600);
  for (Stack& stack : stacks) {
    ASSERT_TRUE(TakeStack(taker, &stack));
    tops.erase(stack.top);
  }
  EXPECT_TRUE(tops.empty());
  for (const Stack& stack : stacks) GiveStack(taker, stack);
  FlushStacks(taker);
}

TEST(StackPoolTest, OnlyThePageBelowAStackIsItsGuard) {
  StackCache cache;
  Stack stack;
  ASSERT_TRUE(TakeStack(cache, &stack));
  EXPECT_TRUE(IsInGuard(stack.low - 1));
  EXPECT_TRUE(IsInGuard(stack.low - 4096));
  EXPECT_FALSE(IsInGuard(stack.low));
  EXPECT_FALSE(IsInGuard(stack.top - 1));
  EXPECT_FALSE(IsInGuard(&cache));
  EXPECT_FALSE(IsInGuard(nullptr));
  GiveStack(cache, stack);
  FlushStacks(cache);
}

TEST(StackPoolTest, UnguardedStackTellsThatItWasOverrun) {
  std::vector<uint64_t> memory(1024);
  Stack stack;
  stack.low = reinterpret_cast<char*>(memory.data() + 512);
  stack.guarded = false;
  memory[511] = 0;
  EXPECT_FALSE(IsIntact(stack));
  stack.guarded = true;
  EXPECT_TRUE(IsIntact(stack));
}

TEST(StackPoolTest, GoroutineHasRoomForAQuarterOfAMegabyte) {
  InGoroutine([] {
    char room[200'000];
    memset(room, 1, sizeof(room));
    Yield();
    asm volatile("" : : "r"(room) : "memory");
    EXPECT_EQ(room[0] + room[sizeof(room) - 1], 2);
  });
}

// No tail call, and no end that a compiler could see.
[[gnu::noinline]] int Recurse(volatile int* depth) {
  char room[1000];
  asm volatile("" : : "r"(room) : "memory");
  *depth = *depth + 1;
  const int below = *depth > 0 ? Recurse(depth) : 0;
  asm volatile("" : : "r"(room) : "memory");
  return below + 1;
}

using StackOverflowDeathTest = RuntimeDeathTest;

TEST_F(StackOverflowDeathTest, NamesTheGoroutine) {
  const auto overflow = [] {
    setenv("STRAY_STACK_SIZE", "64k", 1);
    Go("deep", [] {
      volatile int depth = 0;
      Recurse(&depth);
    });
    MakeChan<int>().Recv();
  };
  EXPECT_EXIT(
      overflow(), testing::ExitedWithCode(2),
      "^fatal error: stack overflow\n\nstray: goroutine [0-9]+ \"deep\" exceeds its stack of 65536 bytes "
      "\\(STRAY_STACK_SIZE\\)\n\ngoroutine [0-9]+ \"deep\" \\[running\\]:\n");
}

TEST_F(StackOverflowDeathTest, AnotherFaultIsLeftToTheProgram) {
  const auto fault = [] {
    Go([] {
      volatile int* nowhere = reinterpret_cast<int*>(8);
      asm volatile("" : "+r"(nowhere));
      *nowhere = 1;
    });
    MakeChan<int>().Recv();
  };
  if (tsan::HasAsan() || tsan::HasTsan()) {
    EXPECT_DEATH(fault(), "SEGV on unknown address");
  } else {
    EXPECT_EXIT(fault(), testing::KilledBySignal(SIGSEGV), "^$");
  }
}

}  // namespace
}  // namespace stray::runtime
