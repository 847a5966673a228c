// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/go_deadlock_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/load/race_log.h"

namespace stray::analyzer {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string Timeout(int holder, int waiter) {
  return absl::StrCat("POTENTIAL DEADLOCK:\nPrevious place where the lock was grabbed\ngoroutine ", holder,
                      " lock 0xc0001\na.go:2 main.f { mu.Lock() } <<<<<\n\n"
                      "Have been trying to lock it again for more than 30s\ngoroutine ",
                      waiter, " lock 0xc0001\na.go:3 main.g { mu.Lock() } <<<<<\n\n");
}

TEST(GoDeadlockReportTest, FramesHaveSource) {
  LogFrame frame;
  ASSERT_TRUE(ParseGoDeadlockFrame("my src/cart.go:24 main.(*Cart).Flush { c.mu.Lock() } <<<<<", frame));
  EXPECT_EQ(frame.file, "my src/cart.go");
  EXPECT_EQ(frame.line, 24);
  EXPECT_EQ(frame.function, "main.(*Cart).Flush");
  ASSERT_TRUE(ParseGoDeadlockFrame("cart.go:24 main.main.func1 ???", frame));
  EXPECT_EQ(frame.function, "main.main.func1");
  ASSERT_TRUE(ParseGoDeadlockFrame("~/cart.go:24 main.f", frame));
  EXPECT_EQ(frame.function, "main.f");
  EXPECT_FALSE(ParseGoDeadlockFrame("10:24 served", frame));
  EXPECT_FALSE(ParseGoDeadlockFrame("happened after", frame));
}

TEST(GoDeadlockReportTest, OrdersAreLikelyLockOrders) {
  const Model model = ReadRaceLog(
      "POTENTIAL DEADLOCK: Inconsistent locking. saw this ordering in one goroutine:\nhappened before\na.go:1 "
      "main.f\n\n"
      "happened after\na.go:2 main.f\n\nin another goroutine: happened before\na.go:3 main.g\n\nhappened "
      "after\n"
      "a.go:4 main.g\n\n\nsome output\n",
      "g");
  EXPECT_THAT(model.damage, IsEmpty());
  const auto findings = Analyze(model);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].id, "lock-order.cycle");
  EXPECT_EQ(findings[0].confidence, Confidence::kLikely);
  EXPECT_THAT(findings[0].explanation,
              HasSubstr("A task locked mutex M2 at main.f (a.go:2) while it held mutex M1; a "
                        "task locked mutex M1 at main.g (a.go:4) while it held mutex M2"));
}

TEST(GoDeadlockReportTest, RecursiveLockingIsALikelyDeadlock) {
  const Model model = ReadRaceLog(
      "POTENTIAL DEADLOCK: Recursive locking:\ncurrent goroutine 7 lock 0xc0001\na.go:3 main.g\n\n"
      "Previous place where the lock was grabbed (same goroutine)\na.go:2 main.f\n\n",
      "g");
  const auto findings = Analyze(model);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].id, "deadlock.self");
  EXPECT_EQ(findings[0].confidence, Confidence::kLikely);
  EXPECT_THAT(findings[0].explanation,
              HasSubstr("G7 locks mutex M1 at main.g (a.go:3), which it has locked before at main.f (a.go:2)"));
}

TEST(GoDeadlockReportTest, ALongWaitIsNoDeadlock) {
  const auto findings = Analyze(ReadRaceLog(Timeout(18, 19), "g"));
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].id, "hang.timeout");
  EXPECT_EQ(findings[0].confidence, Confidence::kLikely);
  EXPECT_THAT(findings[0].explanation,
              HasSubstr("G19 wants mutex M1 at main.g (a.go:3), which G18 has locked at main.f (a.go:2)"));
}

TEST(GoDeadlockReportTest, ButOneForItselfIs) {
  const auto findings = Analyze(ReadRaceLog(Timeout(18, 18), "g"));
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].id, "deadlock.self");
}

TEST(GoDeadlockReportTest, IsNotCutWhereTheProgramEnds) {
  const std::string text = Timeout(18, 19);
  EXPECT_THAT(ReadRaceLog(text.substr(0, text.size() - 2), "g").damage, IsEmpty());
  EXPECT_TRUE(LooksLikeRaceLog(text));
}

}  // namespace
}  // namespace stray::analyzer
