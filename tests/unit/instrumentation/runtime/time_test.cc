// SPDX-License-Identifier: Apache-2.0
// Timers and tickers. Where something must not have happened, the clock is far away; where it must, we wait for
// it.
#include "stray/time.h"

#include <gtest/gtest.h>

#include <memory>

#include "instrumentation/runtime/channel.h"
#include "stray/select.h"
#include "stray/wait_group.h"
#include "tests/support/parked.h"

namespace stray {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

Time Now() { return Time::clock::now(); }

// Until the channel holds a value.
template <typename Channel>
void AwaitValue(const Channel& channel) {
  while (channel.Len() == 0) Yield();
}

TEST(TimeTest, AfterSendsOnceNotTooEarly) {
  const Time begin = Now();
  auto channel = After(milliseconds(2));
  EXPECT_EQ(channel.Cap(), 1u);
  const std::optional<Time> sent = channel.Recv();
  ASSERT_TRUE(sent.has_value());
  EXPECT_GE(*sent, begin + milliseconds(2));
  EXPECT_LE(*sent, Now());
  EXPECT_EQ(channel.Len(), 0u);
}

TEST(TimeTest, AfterInGoroutinesOfAllSorts) {
  WaitGroup group;
  for (int i = 0; i < 20; ++i) {
    group.Go([i] { EXPECT_TRUE(After(microseconds(100 * i)).Recv().has_value()); });
  }
  group.Wait();
  EXPECT_TRUE(After(nanoseconds(0)).Recv().has_value());
  EXPECT_TRUE(After(nanoseconds(-5)).Recv().has_value());
}

TEST(TimeTest, SelectWithTimeout) {
  auto never = MakeChan<int>();
  EXPECT_EQ(Select(OnRecv(never), OnRecv(After(milliseconds(1)))), 1u);
  auto ready = MakeChan<int>(1);
  ready.Send(1);
  EXPECT_EQ(Select(OnRecv(ready), OnRecv(After(hours(1)))), 0u);
}

TEST(TimerTest, StopTellsWhetherItWasPending) {
  Timer timer = NewTimer(hours(1));
  EXPECT_TRUE(timer.Stop());
  EXPECT_FALSE(timer.Stop());
  EXPECT_EQ(timer.C().Len(), 0u);

  Timer fired = NewTimer(nanoseconds(1));
  fired.C().Recv();
  EXPECT_FALSE(fired.Stop());
}

TEST(TimerTest, NothingOldIsLeftAfterStopAndReset) {
  Timer timer = NewTimer(nanoseconds(1));
  AwaitValue(timer.C());
  EXPECT_TRUE(timer.Stop());  // nobody has received it: it counts as pending
  EXPECT_EQ(timer.C().Len(), 0u);
  EXPECT_FALSE(timer.Reset(nanoseconds(1)));
  AwaitValue(timer.C());
  EXPECT_TRUE(timer.Reset(hours(1)));
  EXPECT_EQ(timer.C().Len(), 0u);
  EXPECT_TRUE(timer.Stop());
}

TEST(TimerTest, ResetStartsItAgain) {
  Timer timer = NewTimer(hours(1));
  EXPECT_TRUE(timer.Reset(nanoseconds(1)));
  EXPECT_TRUE(timer.C().Recv().has_value());
  EXPECT_FALSE(timer.Reset(nanoseconds(1)));
  EXPECT_TRUE(timer.C().Recv().has_value());
}

TEST(TimerTest, EmptyOneIsAsIfStopped) {
  Timer timer;
  EXPECT_FALSE(timer.Stop());
  EXPECT_FALSE(timer.Reset(nanoseconds(1)));
  EXPECT_FALSE(static_cast<bool>(timer.C()));
}

// A Reset that meets the timer as it fires must neither lose the new time nor send twice.
TEST(TimerTest, ResetWhileItFires) {
  Timer timer = NewTimer(hours(1));
  for (int i = 0; i < 3000; ++i) {
    timer.Reset(nanoseconds(i % 7));
    if (i % 3 == 0) Yield();
    timer.Reset(nanoseconds(i % 5));
    if (i % 2 == 0) {
      ASSERT_TRUE(timer.C().Recv().has_value());
      ASSERT_EQ(timer.C().Len(), 0u);
    }
    if (i % 11 == 0) {
      timer.Stop();
      ASSERT_EQ(timer.C().Len(), 0u);
    }
  }
  timer.Stop();
}

TEST(TimerTest, HandleMayBeDroppedAtAnyTime) {
  for (int i = 0; i < 2000; ++i) {
    Timer timer = NewTimer(nanoseconds(i % 3 == 0 ? 1 : 100'000));
    if (i % 2 == 0) timer.Stop();
  }
  auto channel = After(milliseconds(1));  // pending without a handle
  EXPECT_TRUE(channel.Recv().has_value());
}

TEST(AfterFuncTest, CallsInAGoroutine) {
  auto called = MakeChan<uint64_t>();
  AfterFunc(nanoseconds(1), [called, only = std::make_unique<int>(1)] { called.Send(GoroutineId()); });
  EXPECT_NE(called.Recv(), 0u);
}

TEST(AfterFuncTest, StopKeepsItFromBeingCalled) {
  auto captured = std::make_shared<int>(0);
  {
    Timer timer = AfterFunc(hours(1), [captured] { ++*captured; });
    EXPECT_FALSE(static_cast<bool>(timer.C()));
    EXPECT_TRUE(timer.Stop());
    EXPECT_FALSE(timer.Stop());
  }
  EXPECT_EQ(captured.use_count(), 1);  // nothing is left of it
  EXPECT_EQ(*captured, 0);
}

TEST(AfterFuncTest, ResetCallsItAgain) {
  auto called = MakeChan<int>();
  Timer timer = AfterFunc(nanoseconds(1), [called] { called.Send(1); });
  EXPECT_EQ(called.Recv(), 1);
  EXPECT_FALSE(timer.Reset(nanoseconds(1)));
  EXPECT_EQ(called.Recv(), 1);
}

TEST(TickerTest, TicksUntilStopped) {
  Ticker ticker = NewTicker(microseconds(200));
  Time last = Now();
  for (int i = 0; i < 5; ++i) {
    const std::optional<Time> tick = ticker.C().Recv();
    ASSERT_TRUE(tick.has_value());
    EXPECT_GT(*tick, last);
    last = *tick;
  }
  EXPECT_TRUE(ticker.Stop());
  EXPECT_FALSE(ticker.Stop());
  EXPECT_EQ(ticker.C().Len(), 0u);
}

TEST(TickerTest, DropsTicksForASlowReceiver) {
  Ticker ticker = NewTicker(microseconds(100));
  const Time begin = Now();
  AwaitValue(ticker.C());
  while (Now() < begin + milliseconds(5)) Yield();
  EXPECT_EQ(ticker.C().Len(), 1u);
  ticker.Stop();
}

TEST(TickerTest, ResetChangesThePeriod) {
  Ticker ticker = NewTicker(hours(1));
  EXPECT_TRUE(ticker.Reset(microseconds(100)));
  ticker.C().Recv();
  ticker.C().Recv();
  EXPECT_TRUE(ticker.Reset(hours(1)));
  EXPECT_EQ(ticker.C().Len(), 0u);
  EXPECT_TRUE(ticker.Stop());
  EXPECT_FALSE(ticker.Reset(microseconds(100)));
  ticker.C().Recv();
  ticker.Stop();
}

TEST(TickerTest, TickGoesOnWhileSomebodyHasItsChannel) {
  auto channel = Tick(microseconds(100));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(channel.Recv().has_value());
  EXPECT_FALSE(static_cast<bool>(Tick(nanoseconds(0))));
}

TEST(TickerTest, TickerNobodyHasStops) {
  // Its timer leaves the heaps: what is left there, of other tests, is hours away.
  const auto ticks = [] {
    const int64_t soon_ns = runtime::Now() + nanoseconds(milliseconds(500)).count();
    for (int i = 0; i < runtime::kMaxProcessors; ++i) {
      const runtime::Processor* processor = runtime::Scheduler::ProcessorAt(i);
      if (processor != nullptr && processor->timers.Earliest() < soon_ns) return true;
    }
    return false;
  };
  Tick(milliseconds(1));
  while (ticks()) Yield();
}

TEST(TickerDeathTest, PeriodMustBePositive) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT((void)NewTicker(nanoseconds(0)), testing::ExitedWithCode(2),
              "^panic: non-positive interval for NewTicker\n");
  EXPECT_EXIT(
      {
        Ticker ticker = NewTicker(hours(1));
        ticker.Reset(nanoseconds(-1));
      },
      testing::ExitedWithCode(2), "^panic: non-positive interval for Ticker.Reset\n");
}

}  // namespace
}  // namespace stray
