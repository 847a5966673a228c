// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/scheduler.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <exception>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/instrumentation/runtime/goroutines.h"

namespace stray::runtime {
namespace {

TEST(GoTest, RunsTheClosureOnceAndDestroysIt) {
  const auto value = std::make_shared<int>(0);
  InGoroutine([&value] {
    const auto done = MakeChan<Unit>();
    Go([value, done] {
      ++*value;
      done.Send({});
    });
    done.Recv();
  });
  EXPECT_EQ(*value, 1);
  while (value.use_count() != 1) Yield();
}

TEST(GoTest, ClosureMayBeMoveOnly) {
  const auto result = MakeChan<int>();
  Go([owned = std::make_unique<int>(7), result] { result.Send(*owned); });
  EXPECT_EQ(result.Recv(), 7);
}

TEST(GoTest, ClosureMayBeBig) {
  const auto result = MakeChan<size_t>();
  const auto alive = std::make_shared<int>();
  for (size_t i = 0; i < 10; ++i) {
    std::array<size_t, 1000> numbers;
    numbers.fill(i);
    Go("big", [numbers, result, alive] {
      size_t sum = 0;
      for (const size_t number : numbers) sum += number;
      result.Send(sum);
    });
    EXPECT_EQ(result.Recv(), 1000 * i);
  }
  while (alive.use_count() != 1) Yield();
}

struct ThrowsOnCopy {
  ThrowsOnCopy() = default;
  ThrowsOnCopy(const ThrowsOnCopy&) { throw std::runtime_error("no copy"); }
  void operator()() const { ADD_FAILURE() << "must not run"; }
  char room[100] = {};
};

TEST(GoTest, ClosureThatCannotBeCopiedStartsNothing) {
  const size_t before = NumGoroutines();
  const ThrowsOnCopy closure;
  EXPECT_THROW(Go(closure), std::runtime_error);
  EXPECT_LE(NumGoroutines(), before);
}

TEST(GoTest, GoroutinesHaveNumbersAndThreadsHaveNone) {
  EXPECT_EQ(GoroutineId(), 0u);
  const auto ids = MakeChan<uint64_t>();
  std::set<uint64_t> seen;
  for (int i = 0; i < 100; ++i) {
    Go([ids] { ids.Send(GoroutineId()); });
    EXPECT_TRUE(seen.insert(*ids.Recv()).second);
  }
  EXPECT_FALSE(seen.contains(0));
  EXPECT_EQ(GoroutineId(), 0u);  // also for a thread that has waited
}

TEST(GoTest, NumGoroutinesCountsThoseThatHaveNotEnded) {
  InGoroutine([] {
    const auto gate = MakeChan<Unit>(), started = MakeChan<Unit>(100);
    const size_t before = NumGoroutines();
    for (int i = 0; i < 100; ++i) {
      Go([=] {
        started.Send({});
        gate.Recv();
      });
    }
    for (int i = 0; i < 100; ++i) started.Recv();
    // One of an earlier test may have ended meanwhile.
    EXPECT_LE(NumGoroutines(), before + 100);
    EXPECT_GE(NumGoroutines(), 101u);
    gate.Close();
    while (NumGoroutines() > before) Yield();
  });
}

TEST(GoTest, WhatAGoroutineWaitsForIsVisible) {
  InGoroutine([] {
    const auto channel = MakeChan<int>();
    const uint64_t receiver = GoWithId([=] { channel.Recv(); });
    AwaitWaiting(receiver, WaitReason::kChanReceive);
    channel.Send(1);
    const uint64_t sender = GoWithId([=] { channel.Send(1); });
    AwaitWaiting(sender, WaitReason::kChanSend);
    channel.Recv();
    EXPECT_STREQ(WaitReasonWord(WaitReason::kChanReceive), "chan receive");
    EXPECT_STREQ(WaitReasonWord(WaitReason::kChanSendNil), "chan send (nil chan)");
    // Once it has ended, it is not there any more.
    const auto is_there = [](uint64_t id) {
      return CountTasks([id](const Task& task) { return task.record.id.load() == id; }) != 0;
    };
    while (is_there(receiver) || is_there(sender)) Yield();
  });
}

TEST(SchedulerTest, YieldLetsOthersRunOnOneProcessor) {
  const WithMaxProcs one(1);
  std::atomic<int> turn{0};
  const auto done = MakeChan<Unit>();
  for (int me = 0; me < 3; ++me) {
    Go([&turn, me, done] {
      for (int round = 0; round < 100; ++round) {
        while (turn % 3 != me) Yield();
        ++turn;
      }
      done.Send({});
    });
  }
  for (int i = 0; i < 3; ++i) done.Recv();
  EXPECT_EQ(turn, 300);
}

TEST(SchedulerTest, OneThatYieldsAloneLetsTheGlobalQueueRun) {
  const WithMaxProcs one(1);
  for (int i = 0; i < 50; ++i) {
    std::atomic<bool> yields{false}, stop{false};
    const auto done = MakeChan<Unit>(2);
    Go([&] {
      while (!stop) {
        yields = true;
        Yield();
      }
      done.Send({});
    });
    while (!yields) Yield();
    Go([&] {  // from a thread, so it comes in through the global queue
      stop = true;
      done.Send({});
    });
    done.Recv();
    done.Recv();
  }
}

// True once two goroutines have seen each other run. Neither lets anybody else run.
void MeetInTwoThreads() {
  std::atomic<int> here{0};
  const auto done = MakeChan<Unit>();
  for (int i = 0; i < 2; ++i) {
    Go([&here, done] {
      ++here;
      while (here < 2) continue;
      done.Send({});
    });
  }
  for (int i = 0; i < 2; ++i) done.Recv();
}

TEST(SchedulerTest, TwoProcessorsRunTwoGoroutinesAtATime) {
  const WithMaxProcs two(2);
  MeetInTwoThreads();
  InGoroutine(&MeetInTwoThreads);
}

TEST(SchedulerTest, AProcessorThatWasTakenAwayComesBack) {
  const WithMaxProcs two(2);
  for (int i = 0; i < 20; ++i) {
    MeetInTwoThreads();  // so both are in use when one is taken away
    {
      const WithMaxProcs one(1);
      InGoroutine([] {
        for (int j = 0; j < 200; ++j) Yield();
      });
    }
    MeetInTwoThreads();
  }
}

TEST(SchedulerTest, SetMaxProcsReturnsTheNumberBefore) {
  const int before = MaxProcs();
  EXPECT_GE(before, 1);
  EXPECT_EQ(SetMaxProcs(0), before);
  EXPECT_EQ(SetMaxProcs(-5), before);
  EXPECT_EQ(SetMaxProcs(3), before);
  EXPECT_EQ(MaxProcs(), 3);
  EXPECT_EQ(SetMaxProcs(1'000'000), 3);
  EXPECT_EQ(MaxProcs(), kMaxProcessors);
  EXPECT_EQ(SetMaxProcs(before), kMaxProcessors);
}

TEST(SchedulerTest, NumberOfProcessorsMayChangeUnderLoad) {
  const auto channel = MakeChan<int>();
  const auto done = MakeChan<Unit>();
  const int before = MaxProcs();
  std::atomic<int> received{0};
  for (int i = 0; i < 20; ++i) {
    Go([=] {
      for (int j = 0; j < 1000; ++j) channel.Send(j);
      done.Send({});
    });
    Go([=, &received] {
      for (int j = 0; j < 1000; ++j) received += channel.Recv().has_value();
      done.Send({});
    });
  }
  std::atomic<bool> stopped{false};
  std::thread changer([&stopped] {
    for (int i = 0; !stopped; ++i) SetMaxProcs(1 + i % 5);
  });
  for (int i = 0; i < 40; ++i) done.Recv();
  stopped = true;
  changer.join();
  SetMaxProcs(before);
  EXPECT_EQ(received, 20'000);
}

TEST(SchedulerTest, AReadyGoroutineDoesNotWaitForOneThatComputes) {
  const WithMaxProcs two(2);
  InGoroutine([] {
    std::atomic<bool> ran{false};
    Go([&ran] { ran = true; });
    while (!ran) continue;  // keeps its processor
  });
}

TEST(SchedulerTest, ATimerFarAwayDoesNotMakeItWaitEither) {
  const WithMaxProcs two(2);
  const auto never = MakeChan<Unit>();
  Go([never] {
    Sleep(std::chrono::hours(24));
    never.Send({});
  });
  // Four machines, so that it is not the watcher who is woken to look for work.
  std::atomic<int> inside{0};
  const auto done = MakeChan<Unit>();
  for (int i = 0; i < 4; ++i) {
    Go([&inside, done] {
      BlockingCall([&inside] {
        ++inside;
        while (inside < 4) sched_yield();
      });
      done.Send({});
    });
  }
  for (int i = 0; i < 4; ++i) done.Recv();
  for (int i = 0; i < 50; ++i) {
    // All stand still for a moment, so that the watcher goes to sleep for that timer. This thread must not
    // park: that would wake it.
    while (Scheduler::IdleProcessors() != 2) Yield();
    for (int j = 0; j < 1000; ++j) Yield();
    std::atomic<bool> ran{false}, ended{false};
    Go([&] {
      Go([&ran] { ran = true; });
      while (!ran) continue;  // keeps its processor
      ended = true;
    });
    while (!ended) Yield();
  }
}

TEST(SchedulerTest, MoreRunnableGoroutinesThanAQueueHolds) {
  InGoroutine([] {
    constexpr int kMany = 5000;
    const auto done = MakeChan<int>(kMany);
    for (int i = 0; i < kMany; ++i) {
      Go([=] {
        Yield();
        done.Send(i);
      });
    }
    std::vector<int> seen(kMany);
    for (int i = 0; i < kMany; ++i) ++seen[static_cast<size_t>(*done.Recv())];
    for (const int times : seen) EXPECT_EQ(times, 1);
  });
}

TEST(SchedulerTest, TwoThatWakeEachOtherDoNotStarveTheRest) {
  const WithMaxProcs one(1);
  InGoroutine([] {
    const auto ping = MakeChan<Unit>(), pong = MakeChan<Unit>();
    std::atomic<bool> ran{false};
    Go([=] {
      for (auto unit : ping) pong.Send(unit);
    });
    Go([&ran] { ran = true; });
    while (!ran) {
      ping.Send({});
      pong.Recv();
    }
    ping.Close();
  });
}

TEST(BlockingCallTest, OthersRunMeanwhileOnOneProcessor) {
  const WithMaxProcs one(1);
  InGoroutine([] {
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    const auto result = MakeChan<char>();
    Go([=] {
      char byte = 0;
      EXPECT_EQ(BlockingCall([&] { return read(ends[0], &byte, 1); }), 1);
      result.Send(byte);
    });
    Go([=] { EXPECT_EQ(write(ends[1], "x", 1), 1); });
    EXPECT_EQ(result.Recv(), 'x');
    close(ends[0]);
    close(ends[1]);
  });
}

TEST(BlockingCallTest, ManyAtATime) {
  InGoroutine([] {
    constexpr int kMany = 50;
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    const auto done = MakeChan<Unit>();
    std::atomic<int> inside{0};
    for (int i = 0; i < kMany; ++i) {
      Go([&inside, ends, done] {
        char byte;
        BlockingCall([&] {
          ++inside;
          return read(ends[0], &byte, 1);
        });
        done.Send({});
      });
    }
    while (inside < kMany) Yield();
    EXPECT_EQ(write(ends[1], std::string(kMany, 'x').data(), kMany), kMany);
    for (int i = 0; i < kMany; ++i) done.Recv();
    close(ends[0]);
    close(ends[1]);
  });
}

TEST(BlockingCallTest, PassesOnWhatItReturnsAndThrows) {
  const auto use = [] {
    EXPECT_EQ(BlockingCall([] { return std::string("result"); }), "result");
    int number = 1;
    BlockingCall([&]() -> int& { return number; }) = 2;
    EXPECT_EQ(number, 2);
    EXPECT_THROW(BlockingCall([] { throw std::runtime_error("from the call"); }), std::runtime_error);
    Yield();
  };
  InGoroutine(use);
  use();  // as a thread
}

TEST(BlockingCallTest, IsAStateOfItsOwn) {
  InGoroutine([] {
    std::atomic<bool> inside{false}, leave{false};
    const auto done = MakeChan<Unit>();
    const uint64_t id = GoWithId([&inside, &leave, done] {
      BlockingCall([&] {
        inside = true;
        while (!leave) sched_yield();
      });
      done.Send({});
    });
    while (!inside) Yield();
    EXPECT_EQ(CountTasks([id](const Task& task) {
                return task.record.id.load() == id && task.state() == TaskState::kInCall;
              }),
              1u);
    leave = true;
    done.Recv();
  });
}

TEST(ExceptionTest, GoroutineParkedInACatchBlockKeepsItsException) {
  InGoroutine([] {
    constexpr int kMany = 20;
    const auto gate = MakeChan<Unit>(), inside = MakeChan<Unit>(), done = MakeChan<Unit>();
    for (int i = 0; i < kMany; ++i) {
      Go([=] {
        const std::string mine = "exception " + std::to_string(i);
        try {
          throw std::runtime_error(mine);
        } catch (const std::runtime_error& error) {
          inside.Send({});
          gate.Recv();
          EXPECT_EQ(error.what(), mine);
          try {
            std::rethrow_exception(std::current_exception());
          } catch (const std::exception& same) {
            Yield();
            EXPECT_EQ(same.what(), mine);
          }
          EXPECT_THROW(throw, std::runtime_error);
        }
        EXPECT_EQ(std::current_exception(), nullptr);
        done.Send({});
      });
    }
    for (int i = 0; i < kMany; ++i) {
      inside.Recv();
      EXPECT_EQ(std::current_exception(), nullptr);
    }
    gate.Close();
    for (int i = 0; i < kMany; ++i) done.Recv();
  });
}

struct ParksWhileItIsUnwound {
  Chan<Unit> inside, gate;
  int* seen;
  ~ParksWhileItIsUnwound() {
    seen[0] = std::uncaught_exceptions();
    inside.Send({});
    gate.Recv();
    seen[1] = std::uncaught_exceptions();
  }
};

TEST(ExceptionTest, GoroutineParkedInADestructorKeepsItsCountOfExceptions) {
  InGoroutine([] {
    const auto gate = MakeChan<Unit>(), inside = MakeChan<Unit>(), done = MakeChan<Unit>();
    int seen[2] = {};
    Go([&, gate, inside, done] {
      try {
        const ParksWhileItIsUnwound parks{inside, gate, seen};
        throw std::runtime_error("unwinds");
      } catch (const std::runtime_error&) {
        EXPECT_EQ(std::uncaught_exceptions(), 0);
      }
      done.Send({});
    });
    inside.Recv();
    EXPECT_EQ(std::uncaught_exceptions(), 0);
    gate.Send({});
    done.Recv();
    EXPECT_EQ(seen[0], 1);
    EXPECT_EQ(seen[1], 1);
  });
}

TEST(ExceptionTest, ExceptionsFollowAGoroutineToAnotherThread) {
  const WithMaxProcs two(2);
  InGoroutine([] {
    const auto here = MakeChan<pid_t>(), resumed = MakeChan<pid_t>();
    const auto wake = MakeChan<Unit>(1);
    std::atomic<bool> runs{false};
    Go([&runs, here, resumed, wake] {
      try {
        throw std::runtime_error("travels");
      } catch (const std::runtime_error&) {
        for (;;) {
          here.Send(gettid());
          if (!wake.Recv()) break;
          runs = true;
          EXPECT_NE(std::current_exception(), nullptr);
          resumed.Send(gettid());
        }
        EXPECT_THROW(throw, std::runtime_error);
      }
      here.Close();
    });
    bool moved = false;
    while (!moved) {
      const pid_t before = *here.Recv();
      AwaitWaiters(wake, 1);
      runs = false;
      wake.Send({});
      // In this thread it cannot run now.
      while (!runs) continue;
      moved = *resumed.Recv() != before;
    }
    here.Recv();
    wake.Close();
    EXPECT_EQ(here.Recv(), std::nullopt);
  });
}

}  // namespace
}  // namespace stray::runtime
