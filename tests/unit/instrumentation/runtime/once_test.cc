// SPDX-License-Identifier: Apache-2.0
// stray::Once, OnceFunc and OnceValue.
#include "stray/once.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "stray/wait_group.h"
#include "tests/support/parked.h"

namespace stray {
namespace {

constinit Once static_once;

TEST(OnceTest, ExactlyOnce) {
  Once once;
  int calls = 0;
  WaitGroup group;
  for (int i = 0; i < 20; ++i) group.Go([&] { once.Do([&] { ++calls; }); });
  std::thread thread([&] { once.Do([&] { ++calls; }); });
  group.Wait();
  thread.join();
  EXPECT_EQ(calls, 1);
}

TEST(OnceTest, StaticOneNeedsNoConstructor) {
  static int calls = 0;
  static_once.Do([] { ++calls; });
  static_once.Do([] { ++calls; });
  EXPECT_EQ(calls, 1);
}

TEST(OnceTest, OthersWaitUntilItIsDone) {
  Once once;
  auto enter = MakeChan<Unit>(), leave = MakeChan<Unit>();
  auto order = MakeChan<int>(3);
  WaitGroup group;
  group.Go([&] {
    once.Do([&] {
      enter.Send({});
      leave.Recv();
      order.Send(0);
    });
  });
  enter.Recv();
  for (int i = 0; i < 2; ++i) {
    group.Go([&] {
      once.Do([&] { order.Send(9); });
      order.Send(1);
    });
  }
  AwaitParked(WaitReason::kSyncOnceDo, &once, 2);
  EXPECT_EQ(order.Len(), 0u);
  leave.Send({});
  EXPECT_EQ(order.Recv(), 0);
  EXPECT_EQ(order.Recv(), 1);
  EXPECT_EQ(order.Recv(), 1);
  group.Wait();
}

TEST(OnceTest, FunctionThatThrewHasBeenCalled) {
  Once once;
  int calls = 0;
  const auto fails = [&] {
    ++calls;
    throw std::runtime_error("no");
  };
  EXPECT_THROW(once.Do(fails), std::runtime_error);
  EXPECT_NO_THROW(once.Do(fails));
  EXPECT_EQ(calls, 1);
}

TEST(OnceFuncTest, CallsOnceAndThrowsEachTime) {
  int calls = 0;
  auto once = OnceFunc([&, only = std::make_unique<int>(1)] { calls += *only; });
  auto copy = once;
  once();
  copy();
  EXPECT_EQ(calls, 1);

  auto failing = OnceFunc([&] {
    ++calls;
    throw std::runtime_error("no");
  });
  EXPECT_THROW(failing(), std::runtime_error);
  EXPECT_THROW(failing(), std::runtime_error);
  EXPECT_EQ(calls, 2);
}

TEST(OnceValueTest, ReturnsWhatTheFirstCallReturned) {
  int calls = 0;
  auto value = OnceValue([&] { return "call " + std::to_string(++calls); });
  EXPECT_EQ(value(), "call 1");
  EXPECT_EQ(value(), "call 1");
  auto failing = OnceValue([&]() -> int { throw std::runtime_error("no"); });
  EXPECT_THROW(failing(), std::runtime_error);
  EXPECT_THROW(failing(), std::runtime_error);
}

TEST(OnceFuncTest, DropsWhatItsFunctionHasCaptured) {
  auto captured = std::make_shared<int>(0);
  auto once = OnceFunc([captured] {});
  EXPECT_EQ(captured.use_count(), 2);
  once();
  EXPECT_EQ(captured.use_count(), 1);
}

}  // namespace
}  // namespace stray
