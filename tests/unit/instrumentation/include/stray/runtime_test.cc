// SPDX-License-Identifier: Apache-2.0
#include "stray/runtime.h"

#include <dirent.h>
#include <stray/stray.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/instrumentation/runtime/goroutines.h"

namespace stray {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// TSan has a thread of its own, from when the program makes its first.
void StartSanitizer() {
  std::thread([] {}).join();
}

size_t CountThreads() {
  DIR* folder = opendir("/proc/self/task");
  size_t count = 0;
  while (const dirent* entry = readdir(folder)) {
    if (entry->d_name[0] != '.') ++count;
  }
  closedir(folder);
  return count;
}

// Each test is about the whole process, so each has one of its own, as deaths have.
class RuntimeTest : public runtime::RuntimeDeathTest {
 protected:
  // The scheduler of the program that runs all tests may have been started by another of them.
  template <typename F>
  static void InOwnProcess(F test) {
    EXPECT_EXIT(
        {
          test();
          exit(testing::Test::HasFailure() ? 1 : 0);
        },
        testing::ExitedWithCode(0), "");
  }
};

void UseAll() {
  WaitGroup group;
  std::atomic<int> count{0};
  for (int i = 0; i < 200; ++i) {
    group.Go([&] {
      Sleep(milliseconds(1));
      ++count;
    });
  }
  group.Wait();
  EXPECT_EQ(count, 200);
}

TEST_F(RuntimeTest, ReturnsWhatTheGoroutineReturns) {
  InOwnProcess([] {
    Runtime runtime({.max_procs = 3});
    EXPECT_EQ(MaxProcs(), 3);
    EXPECT_EQ(GoroutineId(), 0u);
    EXPECT_NE(runtime.Run([] { return GoroutineId(); }), 0u);
    EXPECT_EQ(*runtime.Run([] { return std::make_unique<int>(7); }), 7);
    std::string text = "text";
    EXPECT_EQ(runtime.Run([&]() -> std::string& { return text; }), "text");
    runtime.Run([] { UseAll(); });
  });
}

TEST_F(RuntimeTest, NoThreadIsLeftAfterShutdown) {
  InOwnProcess([] {
    StartSanitizer();
    const size_t before = CountThreads();
    for (int i = 0; i < 20; ++i) {
      Runtime runtime({.max_procs = 4});
      runtime.Run(&UseAll);
      EXPECT_GT(CountThreads(), before);
      EXPECT_EQ(runtime.Shutdown(), 0u);
      EXPECT_EQ(CountThreads(), before);
      EXPECT_EQ(runtime.Shutdown(), 0u);
    }
  });
}

TEST_F(RuntimeTest, WaitsForWhatRunsAndCountsWhatNeverEnds) {
  InOwnProcess([] {
    StartSanitizer();
    const size_t before = CountThreads();
    const auto never = MakeChan<int>();
    std::atomic<bool> is_through{false};
    {
      Runtime runtime;
      Go([&] {
        Sleep(milliseconds(30));
        is_through = true;
      });
      for (int i = 0; i < 3; ++i) Go([never] { never.Recv(); });
      const auto start = std::chrono::steady_clock::now();
      EXPECT_EQ(runtime.Shutdown(seconds(30)), 3u);
      EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(20));
    }
    EXPECT_TRUE(is_through);
    EXPECT_EQ(CountThreads(), before);
  });
}

TEST_F(RuntimeTest, DoesNotWaitLongerThanItIsTold) {
  InOwnProcess([] {
    StartSanitizer();
    const size_t before = CountThreads();
    Runtime runtime;
    Go([] {
      for (;;) Sleep(milliseconds(1));
    });
    Go([] {
      for (;;) Yield();
    });
    EXPECT_EQ(runtime.Shutdown(milliseconds(20)), 2u);
    EXPECT_EQ(CountThreads(), before);
  });
}

TEST_F(RuntimeTest, WhatWasLeftGoesOnUnderTheNext) {
  InOwnProcess([] {
    const auto gate = MakeChan<int>();
    const auto seen = MakeChan<int>(1);
    {
      Runtime first;
      Go([=] { seen.Send(gate.Recv().value_or(-1)); });
      EXPECT_EQ(first.Shutdown(), 1u);
    }
    Runtime second({.max_procs = 1});
    second.Run([=] { gate.Send(5); });
    EXPECT_EQ(seen.Recv(), 5);
    EXPECT_EQ(second.Shutdown(), 0u);
  });
}

TEST_F(RuntimeTest, RunsForManyThreads) {
  InOwnProcess([] {
    Runtime runtime;
    std::vector<std::thread> threads;
    std::atomic<int> sum{0};
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] { sum += runtime.Run([i] { return i; }); });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(sum, 28);
  });
}

TEST_F(RuntimeTest, UseAfterShutdownIsFatal) {
  const char* const text = "fatal error: goroutine started after the runtime has ended";
  EXPECT_EXIT(
      {
        Runtime().Run([] {});
        Go([] {});
      },
      testing::ExitedWithCode(2), text);
  EXPECT_EXIT(
      {
        Runtime runtime;
        runtime.Shutdown();
        runtime.Run([] { return 1; });
      },
      testing::ExitedWithCode(2), text);
  EXPECT_EXIT(
      {
        Runtime runtime;
        runtime.Shutdown();
        Sleep(milliseconds(1));
      },
      testing::ExitedWithCode(2), "timer started after the runtime has ended");
}

TEST_F(RuntimeTest, TwoAtOnceAreFatal) {
  EXPECT_EXIT(
      {
        Runtime first;
        Runtime second;
      },
      testing::ExitedWithCode(2), "fatal error: there is a stray::Runtime already");
}

TEST_F(RuntimeTest, ShutdownByAGoroutineIsFatal) {
  EXPECT_EXIT(
      {
        Runtime runtime;
        runtime.Run([&] { runtime.Shutdown(); });
      },
      testing::ExitedWithCode(2), "fatal error: stray::Runtime shut down by a goroutine");
}

TEST_F(RuntimeTest, ChannelsWorkForThreadsAfterShutdown) {
  InOwnProcess([] {
    const auto values = MakeChan<int>(1);
    Runtime().Run([=] { values.Send(1); });
    EXPECT_EQ(values.Recv(), 1);
    std::thread sender([=] { values.Send(2); });
    EXPECT_EQ(values.Recv(), 2);
    sender.join();
  });
}

}  // namespace
}  // namespace stray
