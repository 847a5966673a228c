// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/timers.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <thread>
#include <vector>

#include "instrumentation/runtime/timer_clock.h"
#include "tests/unit/instrumentation/runtime/goroutines.h"

namespace stray::runtime {
namespace {

using namespace std::chrono_literals;

using TimerHeapTest = Seeded;

TEST_F(TimerHeapTest, AgreesWithASortedList) {
  TimerHeap heap;
  std::deque<Timer> timers(200);
  std::vector<Timer*> pending, idle;
  for (Timer& timer : timers) idle.push_back(&timer);
  const auto earliest = [&pending] {
    int64_t when_ns = kNever;
    for (const Timer* timer : pending) when_ns = std::min(when_ns, timer->when_ns);
    return when_ns;
  };
  for (int step = 0; step < 5000; ++step) {
    const uint32_t dice = random_() % 3;
    if (dice != 0 && !idle.empty()) {
      Timer* timer = idle.back();
      idle.pop_back();
      timer->when_ns = static_cast<int64_t>(random_() % 1000);
      const bool is_first = timer->when_ns < earliest();
      EXPECT_EQ(heap.Add(timer), is_first);
      pending.push_back(timer);
    } else if (!pending.empty() && random_() % 2 == 0) {
      const size_t i = random_() % pending.size();
      EXPECT_TRUE(heap.Remove(pending[i]));
      EXPECT_FALSE(heap.Remove(pending[i]));
      idle.push_back(pending[i]);
      pending.erase(pending.begin() + static_cast<ptrdiff_t>(i));
    } else if (!pending.empty()) {
      const int64_t first_ns = earliest();
      EXPECT_EQ(heap.PopDue(first_ns - 1), nullptr);
      Timer* timer = heap.PopDue(first_ns);
      ASSERT_NE(timer, nullptr);
      EXPECT_EQ(timer->when_ns, first_ns);
      EXPECT_EQ(std::erase(pending, timer), 1u);
      idle.push_back(timer);
    }
    ASSERT_EQ(heap.Earliest(), earliest());
    ASSERT_EQ(heap.IsEmpty(), pending.empty());
  }
}

TEST_F(TimerHeapTest, MovedTimersFireInTheOtherHeap) {
  TimerHeap from, to;
  std::deque<Timer> timers(20);
  for (Timer& timer : timers) {
    timer.when_ns = static_cast<int64_t>(random_() % 100);
    from.Add(&timer);
  }
  from.MoveTo(to);
  EXPECT_TRUE(from.IsEmpty());
  EXPECT_FALSE(from.Remove(&timers[0]));
  EXPECT_TRUE(StopTimer(&timers[0]));
  int64_t last_ns = 0;
  for (int i = 1; i < 20; ++i) {
    Timer* timer = to.PopDue(100);
    ASSERT_NE(timer, nullptr);
    EXPECT_GE(timer->when_ns, last_ns);
    last_ns = timer->when_ns;
  }
  EXPECT_EQ(to.PopDue(100), nullptr);
}

// A timer on its way to another heap is pending all the time.
TEST_F(TimerHeapTest, TimerThatMovesCanBeStopped) {
  TimerHeap from, to;
  std::vector<Timer> timers(200);
  for (int round = 0; round < 30; ++round) {
    for (Timer& timer : timers) from.Add(&timer);
    std::atomic<bool> begun{false};
    std::thread mover([&] {
      begun.store(true);
      from.MoveTo(to);
    });
    while (!begun.load()) std::this_thread::yield();
    for (int i = static_cast<int>(timers.size()) - 1; i >= 0; --i)
      ASSERT_TRUE(StopTimer(&timers[static_cast<size_t>(i)])) << i;
    mover.join();
    ASSERT_TRUE(from.IsEmpty());
    ASSERT_TRUE(to.IsEmpty());
  }
}

TEST(TimersTest, AStoppedTimerDoesNotFire) {
  Timer timer;
  std::atomic<int> fired{0};
  timer.argument = &fired;
  timer.fire = [](Timer* self) { ++*static_cast<std::atomic<int>*>(self->argument); };
  EXPECT_FALSE(StopTimer(&timer));  // never started
  timer.when_ns = Now() + 3'600'000'000'000;
  StartTimer(&timer);
  EXPECT_TRUE(StopTimer(&timer));
  EXPECT_FALSE(StopTimer(&timer));
  // Again, and this time it fires.
  timer.when_ns = TimerClock::Now() - 1;
  StartTimer(&timer);
  while (fired == 0) Yield();
  EXPECT_FALSE(StopTimer(&timer));
  EXPECT_EQ(fired, 1);
}

TEST(SleepTest, LastsAtLeastAsLongAsAsked) {
  const auto sleep = [] {
    for (const auto duration : {1ns, 1000ns, 1'000'000ns, 3'000'000ns}) {
      const int64_t start_ns = Now();
      Sleep(duration);
      EXPECT_GE(Now() - start_ns, duration.count());
    }
    Sleep(0ns);
    Sleep(-1s);
  };
  InGoroutine(sleep);
  sleep();  // as a thread
}

TEST(SleepTest, TheShorterSleepEndsFirst) {
  InGoroutine([] {
    const auto woken = MakeChan<int>(2);
    const uint64_t longer = GoWithId([woken] {
      Sleep(24h);
      woken.Send(2);
    });
    AwaitWaiting(longer, WaitReason::kSleep);
    Go([woken] {
      Sleep(1ms);
      woken.Send(1);
    });
    EXPECT_EQ(woken.Recv(), 1);
    EXPECT_TRUE(IsWaiting(longer, WaitReason::kSleep));
  });
}

TEST(SleepTest, EarlierTimerWakesTheWatcherThatSleepsForALaterOne) {
  // As threads: no machine is busy meanwhile, so only the watcher can notice.
  std::thread late([] { Sleep(50ms); });
  const int64_t start_ns = Now();
  Sleep(1ms);
  const int64_t took_ns = Now() - start_ns;
  late.join();
  EXPECT_GE(took_ns, 1'000'000);
}

TEST(SleepTest, ManySleepersAllWake) {
  InGoroutine([] {
    constexpr int kSleepers = 10'000;
    const auto woken = MakeChan<int>(kSleepers);
    for (int i = 0; i < kSleepers; ++i) {
      Go([woken, i] {
        Sleep(std::chrono::microseconds(i % 5000));
        woken.Send(i);
      });
    }
    std::vector<int> seen(kSleepers);
    for (int i = 0; i < kSleepers; ++i) ++seen[static_cast<size_t>(*woken.Recv())];
    EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), kSleepers);
  });
}

TEST(SleepTest, SleepersOfAProcessorThatIsTakenAwayStillWake) {
  const WithMaxProcs two(2);
  InGoroutine([] {
    constexpr int kSleepers = 100;
    const auto woken = MakeChan<Unit>(kSleepers);
    for (int i = 0; i < kSleepers; ++i) {
      Go([woken] {
        Sleep(2ms);
        woken.Send({});
      });
      Yield();
    }
    const WithMaxProcs one(1);
    for (int i = 0; i < kSleepers; ++i) woken.Recv();
  });
}

TEST(SleepTest, SleepersWakeWhileAnotherGoroutineComputes) {
  const WithMaxProcs two(2);
  std::atomic<bool> woken{false};
  InGoroutine([&woken] {
    Go([&woken] {
      Sleep(1ms);
      woken = true;
    });
    while (!woken) continue;  // never switches
  });
}

}  // namespace
}  // namespace stray::runtime
