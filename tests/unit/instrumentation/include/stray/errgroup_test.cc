// SPDX-License-Identifier: Apache-2.0
// stray::ErrGroup.
#include "stray/errgroup.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>

#include "tests/support/parked.h"

namespace stray {
namespace {

TEST(ErrGroupTest, WaitsForAllAndReturnsNoErrorIfThereIsNone) {
  ErrGroup group;
  std::atomic<int> done{0};
  for (int i = 0; i < 10; ++i) group.Go([&] { ++done; });
  group.Go([&, only = std::make_unique<int>(1)]() -> Error { return done += *only, Error(); });
  group.Go([&] { return std::error_code(); });
  EXPECT_FALSE(group.Wait());
  EXPECT_EQ(done.load(), 11);
}

TEST(ErrGroupTest, FirstErrorCancelsAndIsReturned) {
  ErrGroup group(Background());
  const Error first("first");
  auto failed = MakeChan<Unit>();
  group.Go([&]() -> Error {
    group.GetContext().Done().Recv();
    return Error("second");
  });
  group.Go([&] { group.GetContext().Done().Recv(); });
  group.Go([&] { return first; });
  EXPECT_EQ(group.Wait(), first);
  EXPECT_EQ(group.GetContext().Err(), ErrCanceled());
  EXPECT_EQ(Cause(group.GetContext()), first);
}

TEST(ErrGroupTest, WaitCancelsTheContextInAnyCase) {
  auto [parent, cancel] = WithCancel(Background());
  ErrGroup group(parent);
  group.Go([] {});
  EXPECT_FALSE(group.GetContext().Err());
  EXPECT_FALSE(group.Wait());
  EXPECT_EQ(group.GetContext().Err(), ErrCanceled());
  EXPECT_FALSE(parent.Err());
}

TEST(ErrGroupTest, ErrorCodesAreErrors) {
  ErrGroup group;
  group.Go([] { return std::make_error_code(std::errc::timed_out); });
  EXPECT_EQ(group.Wait().Code(), std::errc::timed_out);
}

TEST(ErrGroupTest, LimitHolds) {
  ErrGroup group;
  group.SetLimit(2);
  std::atomic<int> inside{0};
  for (int i = 0; i < 20; ++i) {
    group.Go([&] {
      EXPECT_LE(++inside, 2);
      Yield();
      --inside;
    });
  }
  EXPECT_FALSE(group.Wait());
}

TEST(ErrGroupTest, TryGoDoesNotWait) {
  ErrGroup group;
  auto leave = MakeChan<Unit>();
  group.SetLimit(1);
  EXPECT_TRUE(group.TryGo([&] { leave.Recv(); }));
  EXPECT_FALSE(group.TryGo([] { ADD_FAILURE(); }));
  leave.Send({});
  EXPECT_FALSE(group.Wait());
  group.SetLimit(-1);
  EXPECT_TRUE(group.TryGo([] {}));
  EXPECT_TRUE(group.TryGo([] {}));
  EXPECT_FALSE(group.Wait());
}

TEST(ErrGroupDeathTest, LimitMustNotChangeMeanwhile) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        ErrGroup group;
        group.SetLimit(1);
        group.Go([] { Chan<int>().Recv(); });
        group.SetLimit(2);
      },
      testing::ExitedWithCode(2),
      "^panic: errgroup: modify limit while goroutines in the group are still active\n");
}

}  // namespace
}  // namespace stray
