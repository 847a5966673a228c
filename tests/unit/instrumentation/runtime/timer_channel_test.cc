// SPDX-License-Identifier: Apache-2.0
// When a timer with a channel is in a heap, and what those see who look into the channel while it is not.
#include "instrumentation/runtime/timer_channel.h"

#include <gtest/gtest.h>

#include <thread>

#include "instrumentation/runtime/seeded_order.h"
#include "stray/select.h"
#include "stray/time.h"
#include "stray/wait_group.h"
#include "tests/unit/instrumentation/runtime/goroutines.h"

namespace stray::runtime {
namespace {

using namespace std::chrono_literals;

constexpr auto kPeriod = 1ms;
constexpr auto kFar = std::chrono::hours(1);

Time AtNow() { return Time::clock::now(); }

// True if a heap holds a timer that is due before the next hour is over, and a little more.
bool IsAnyInHeap() {
  const int64_t until_ns = Now() + std::chrono::nanoseconds(kFar + 1min).count();
  for (int i = 0; i < kMaxProcessors; ++i) {
    const Processor* processor = Scheduler::ProcessorAt(i);
    if (processor != nullptr && processor->timers.Earliest() < until_ns) return true;
  }
  return false;
}

void Spend(std::chrono::nanoseconds time) {
  const Time end = AtNow() + time;
  while (AtNow() < end) Yield();
}

// True if the one task that waits for `channel` is shown as one that goes on by itself.
template <typename Channel>
bool IsWaiterTimed(const Channel& channel) {
  return CountTasks([&channel](const Task& task) {
           return task.state() == TaskState::kWaiting && task.record.wait_object == channel.get() &&
                  (task.record.flags & bridge::kWaitsForTimer) != 0;
         }) == 1;
}

TEST(TimerChannelTest, IsInNoHeapWhileNobodyWaits) {
  const Ticker ticker = NewTicker(kPeriod);
  const stray::Timer timer = NewTimer(kFar);
  EXPECT_FALSE(IsAnyInHeap());
  EXPECT_TRUE(ticker.C().Recv().has_value());
  EXPECT_FALSE(IsAnyInHeap());
  EXPECT_TRUE(ticker.Reset(kPeriod));
  EXPECT_TRUE(timer.Reset(kFar));
  EXPECT_FALSE(IsAnyInHeap());
}

TEST(TimerChannelTest, IsInAHeapWhileSomebodyWaits) {
  const stray::Timer timer = NewTimer(kFar);
  WaitGroup both;
  for (int i = 0; i < 2; ++i) both.Go([&timer] { timer.C().Recv(); });
  AwaitWaiters(timer.C(), 2);
  EXPECT_TRUE(IsAnyInHeap());
  EXPECT_TRUE(timer.Reset(0ns));
  AwaitWaiters(timer.C(), 1);
  EXPECT_FALSE(IsAnyInHeap());  // it has fired; the other one waits in vain
  EXPECT_FALSE(timer.Reset(0ns));
  both.Wait();
}

TEST(TimerChannelTest, LeavesTheHeapWithTheLastSelect) {
  const stray::Timer timer = NewTimer(kFar);
  const auto first = MakeChan<Unit>(), second = MakeChan<Unit>();
  WaitGroup both;
  for (const auto& other : {first, second}) {
    both.Go([&timer, other] { EXPECT_EQ(Select(OnRecv(timer.C()), OnRecv(other), OnRecv(timer.C())), 1u); });
  }
  const auto waiting = [] {
    return CountTasks([](const Task& task) {
      return task.state() == TaskState::kWaiting &&
             task.record.wait_reason == static_cast<uint16_t>(WaitReason::kRuntimeSelect);
    });
  };
  while (waiting() != 2) Yield();
  EXPECT_TRUE(IsAnyInHeap());
  first.Send({});
  while (waiting() != 1) Yield();
  EXPECT_TRUE(IsAnyInHeap());
  second.Send({});
  both.Wait();
  EXPECT_FALSE(IsAnyInHeap());
  EXPECT_TRUE(timer.Stop());
}

TEST(TimerChannelTest, WhoLooksWithoutWaitingSeesWhatIsDue) {
  const stray::Timer timer = NewTimer(kPeriod);
  const Ticker ticker = NewTicker(kPeriod);
  const stray::Timer later = NewTimer(kFar);
  const stray::Timer last = NewTimer(kPeriod);
  while (last.C().Len() == 0) Yield();  // then the others are due as well, also on the clock of a seeded order
  EXPECT_EQ(timer.C().Len(), 1u);
  EXPECT_TRUE(timer.C().TryRecv().has_value());
  EXPECT_FALSE(timer.C().TryRecv().has_value());
  EXPECT_EQ(Select(OnRecv(ticker.C()), OnRecv(later.C()), OnDefault()), 0u);
  EXPECT_EQ(Select(OnRecv(later.C()), OnDefault()), 1u);
  EXPECT_EQ(later.C().Len(), 0u);
  EXPECT_FALSE(later.C().TryRecv().has_value());
}

TEST(TimerChannelTest, OnlyTheFirstOfTheTicksThatNobodySawIsLeft) {
  const Time begin = AtNow();
  const Ticker ticker = NewTicker(kPeriod);
  const Time created = AtNow();
  Spend(5 * kPeriod);
  const Time late = AtNow();
  const Time first = *ticker.C().Recv(), second = *ticker.C().Recv();
  EXPECT_GE(first, begin + kPeriod);
  EXPECT_LE(first, created + kPeriod);
  EXPECT_GT(second, late);
  // It keeps its rhythm. With a seeded order the clock of timers stands still while a goroutine runs.
  if (!runtime::SeededOrder::IsOn()) {
    EXPECT_EQ((second - first) % kPeriod, 0ns);
  }
}

TEST(TimerChannelTest, ATickThatWasOnlyLookedAtKeepsOthersOut) {
  const Ticker ticker = NewTicker(kPeriod);
  while (ticker.C().Len() == 0) Yield();
  Spend(5 * kPeriod);
  const Time late = AtNow();
  EXPECT_LT(*ticker.C().Recv(), late - 3 * kPeriod);
  EXPECT_GT(*ticker.C().Recv(), late);
}

TEST(TimerChannelTest, StopAndResetTakeBackWhatNobodyHasSeen) {
  const stray::Timer timer = NewTimer(0ns);
  Spend(kPeriod);
  EXPECT_TRUE(timer.Stop());  // due, but it has not sent: it counts as pending
  EXPECT_EQ(timer.C().Len(), 0u);
  EXPECT_FALSE(timer.Reset(0ns));
  EXPECT_TRUE(timer.Reset(kFar));
  EXPECT_FALSE(timer.C().TryRecv().has_value());
}

TEST(TimerChannelTest, ShowsWhetherAWaiterGoesOnByItself) {
  const stray::Timer timer = NewTimer(kFar);
  WaitGroup waiter;
  waiter.Go([&timer] { timer.C().Recv(); });
  AwaitWaiters(timer.C(), 1);
  EXPECT_TRUE(IsWaiterTimed(timer.C()));
  EXPECT_TRUE(timer.Stop());
  EXPECT_FALSE(IsWaiterTimed(timer.C()));
  EXPECT_FALSE(IsAnyInHeap());
  EXPECT_FALSE(timer.Reset(kFar));
  EXPECT_TRUE(IsWaiterTimed(timer.C()));
  EXPECT_TRUE(timer.Reset(0ns));
  waiter.Wait();
  waiter.Go([&timer] { timer.C().Recv(); });  // it has fired already
  AwaitWaiters(timer.C(), 1);
  EXPECT_FALSE(IsWaiterTimed(timer.C()));
  EXPECT_FALSE(timer.Reset(0ns));
  waiter.Wait();
}

TEST(TimerChannelTest, ThreadsWaitForItAsWell) {
  const Ticker ticker = NewTicker(kPeriod);
  int received = 0;
  std::thread thread([&] {
    for (; received < 5; ++received) ticker.C().Recv();
    EXPECT_EQ(Select(OnRecv(MakeChan<int>()), OnRecv(ticker.C())), 1u);
  });
  thread.join();
  EXPECT_EQ(received, 5);
}

// Each waits by turns alone, in a select, or looks, while another resets it all the time: none may be
// forgotten.
TEST(TimerChannelTest, NobodyIsForgotten) {
  const Ticker ticker = NewTicker(20us);
  std::atomic<bool> over{false};
  std::thread resets([&] {
    for (int i = 0; !over; ++i) {
      if (i % 16 == 0) ticker.Stop();
      ticker.Reset(i % 8 == 0 ? std::chrono::nanoseconds(200us) : 1ns);  // due at once, most of the time
      std::this_thread::yield();
    }
  });
  WaitGroup all;
  for (int waiter = 0; waiter < 4; ++waiter) {
    all.Go([&ticker, waiter] {
      const auto never = MakeChan<int>();
      for (int i = 0; i < 300; ++i) {
        if (i % 3 == 0) ticker.C().Recv();
        if (i % 3 == 1) Select(OnRecv(ticker.C()), OnRecv(never));
        if (i % 3 == 2 && waiter % 2 == 0) Select(OnRecv(ticker.C()), OnRecv(After(5us)));
        if (i % 3 == 2 && waiter % 2 == 1) Select(OnRecv(ticker.C()), OnDefault([] { Yield(); }));
      }
    });
  }
  all.Wait();
  over = true;
  resets.join();
  ticker.Stop();
}

using TimerChannelDeathTest = RuntimeDeathTest;

constexpr char kAllAsleep[] = "^fatal error: all goroutines are asleep - deadlock!\n\n";

TEST_F(TimerChannelDeathTest, ATickerNobodyListensToKeepsNothingAlive) {
  const auto deadlock = [] {
    const Ticker ticker = NewTicker(kPeriod);
    ticker.C().Recv();
    const stray::Timer timer = NewTimer(kFar);
    MakeChan<int>().Recv();
  };
  EXPECT_EXIT(exit(Main(deadlock)), testing::ExitedWithCode(2), kAllAsleep);
}

TEST_F(TimerChannelDeathTest, AStoppedOneKeepsNobodyAlive) {
  const auto deadlock = [] {
    const Ticker ticker = NewTicker(kFar);
    Go([ticker] {
      AwaitWaiters(ticker.C(), 1);
      ticker.Stop();
    });
    ticker.C().Recv();
  };
  EXPECT_EXIT(exit(Main(deadlock)), testing::ExitedWithCode(2), kAllAsleep);
}

TEST_F(TimerChannelDeathTest, OneThatSomebodyWaitsForDoes) {
  const auto wait = [] {
    After(30ms).Recv();
    const auto never = MakeChan<int>();
    return static_cast<int>(Select(OnRecv(never), OnRecv(Tick(30ms)))) + 6;
  };
  EXPECT_EXIT(exit(Main(wait)), testing::ExitedWithCode(7), "^$");
}

}  // namespace
}  // namespace stray::runtime
