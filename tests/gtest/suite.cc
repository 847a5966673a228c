// SPDX-License-Identifier: Apache-2.0
// suite.cc: tests that leave things behind, and tests that do not; gtest_test.py knows which must fail. Those
// whose name begins with "Bad" must, with the finding that stands behind it.
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <stray/gtest.h>
#include <stray/stray.h>

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <future>
#include <mutex>
#include <string>
#include <thread>

#include "tests/support/order.h"

namespace {

// Never destroyed: what is left behind goes on using it.
struct World {
  std::mutex mutex, first, second;
  std::condition_variable never;
};
World& Left() {
  static World* const world = new World;
  return *world;
}

void WaitForEver() {
  std::unique_lock<std::mutex> lock(Left().mutex);
  Left().never.wait(lock, [] { return false; });
}

void LeaveThread() { std::thread(WaitForEver).detach(); }

TEST(Threads, JoinsItsOwn) {
  std::thread thread([] {});
  thread.join();
}

TEST(Threads, EndsSoon) {
  std::thread([] { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }).detach();
}

TEST(Threads, BadLeavesOneBehind_leak_alive) { LeaveThread(); }

TEST(Threads, IsNotBlamedForTheLastOne) {
  std::thread([] {}).join();
}

TEST(Threads, BadIsNeverJoined_leak_unjoined) {
  pthread_t thread;
  pthread_create(
      &thread, nullptr, [](void*) -> void* { return nullptr; }, nullptr);
}

TEST(Threads, BadGrandchild_leak_alive) {
  std::thread([] { LeaveThread(); }).join();
}

TEST(Threads, BadUnlock_sync_misuse) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_unlock(&mutex);
}

TEST(Threads, BadDeadlock_deadlock_cycle) {
  static Gate has_first, has_second;
  std::thread([] {
    std::lock_guard<std::mutex> lock(Left().first);
    GateOpen(&has_first);
    GateAwait(&has_second);
    Left().second.lock();
  }).detach();
  std::thread([] {
    std::lock_guard<std::mutex> lock(Left().second);
    GateOpen(&has_second);
    GateAwait(&has_first);
    Left().first.lock();
  }).detach();
}

TEST(Threads, IsNotBlamedForTheDeadlock) {
  std::thread([] {}).join();
}

TEST(Goroutines, EndsItsOwn) {
  stray::WaitGroup group;
  group.Go([] {});
  group.Wait();
}

TEST(Goroutines, BadWaitsForEver_leak_alive) {
  stray::Go([channel = stray::MakeChan<int>()] { channel.Recv(); });
}

TEST(Goroutines, BadStartedByAnother_leak_alive) {
  auto started = stray::MakeChan<int>();
  stray::Go([started] {
    stray::Go([channel = stray::MakeChan<int>()] { channel.Recv(); });
    started.Send(1);
  });
  started.Recv();
}

TEST(Goroutines, BadThreadOfOne_leak_alive) {
  auto started = stray::MakeChan<int>();
  stray::Go([started] {
    LeaveThread();
    started.Send(1);
  });
  started.Recv();
}

TEST(Goroutines, IsNotBlamedForThem) {
  stray::WaitGroup group;
  group.Go([] {});
  group.Wait();
}

// The failures of ExpectNoLeaks() in the calling thread.
int LeaksHere() {
  testing::TestPartResultArray results;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
    stray::ExpectNoLeaks();
  }
  return results.size();
}

// Tests of its own, side by side in threads: each answers for what it has started itself.
TEST(Parallel, EachAnswersForItsOwn) {
  static Gate left, checked;
  std::future<int> clean = std::async(std::launch::async, [] {
    const stray::TestScope scope("Parallel.Clean");
    GateAwait(&left);
    std::thread([] {}).join();
    const int leaks = LeaksHere();
    GateOpen(&checked);
    return leaks;
  });
  std::future<int> leaky = std::async(std::launch::async, [] {
    const stray::TestScope scope("Parallel.Leaky");
    LeaveThread();
    GateOpen(&left);
    GateAwait(&checked);
    return LeaksHere();
  });
  EXPECT_EQ(clean.get(), 0);
  EXPECT_EQ(leaky.get(), 1);
}

TEST(Parallel, TellsOnce) {
  LeaveThread();
  EXPECT_EQ(LeaksHere(), 1);
  EXPECT_EQ(LeaksHere(), 0);
}

#if defined(__SANITIZE_THREAD__)
int balance = 0;

TEST(Races, JoinsBeforeItReads) {
  std::thread([] { ++balance; }).join();
  EXPECT_GT(balance, 0);
}

TEST(Races, BadCounter_race_data) {
  Gate written = {};
  std::thread other([&] {
    ++balance;
    GateOpen(&written);
  });
  GateAwait(&written);
  ++balance;
  other.join();
}

TEST(Races, IsNotBlamedForTheRace) {
  std::thread([] { ++balance; }).join();
}
#endif

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  stray::AddLeakListener();
  return RUN_ALL_TESTS();
}
