// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/listed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/load/task_log.h"

namespace stray::analyzer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string Goroutine(int id, const std::string& status, const std::string& function = "main.f") {
  return absl::StrCat("goroutine ", id, " [", status, "]:\n", function, "(0x1)\n\t/src/f.go:7 +0x1\n\n");
}

// "leak.blocked proved 2", and so on.
std::vector<std::string> FindingsOf(const std::string& text) {
  std::vector<std::string> all;
  for (const Finding& finding : Analyze(ReadTaskLog(text, "g"))) {
    all.push_back(absl::StrCat(finding.id, finding.confidence == Confidence::kProved ? " proved " : " likely ",
                               finding.count));
  }
  return all;
}

TEST(ListedTest, NothingIsConcludedFromWaits) {
  // As if every goroutine of the program were there, and each of them blocked.
  EXPECT_THAT(FindingsOf(absl::StrCat(Goroutine(1, "chan receive"), Goroutine(2, "sync.Mutex.Lock, 90 minutes"),
                                      Goroutine(3, "semacquire"), Goroutine(4, "select"),
                                      Goroutine(5, "sync.WaitGroup.Wait"), Goroutine(6, "sync.Cond.Wait"),
                                      Goroutine(7, "sync.RWMutex.Lock"), Goroutine(8, "words of a newer Go"))),
              IsEmpty());
}

TEST(ListedTest, NorFromThreadsInADebugger) {
  EXPECT_THAT(FindingsOf("Thread 2 (LWP 12):\n#0  0x1 in pthread_mutex_lock () from /lib/libc.so.6\n\n"
                         "Thread 1 (LWP 11):\n#0  0x1 in pthread_join () from /lib/libc.so.6\n"),
              IsEmpty());
}

TEST(ListedTest, LeakedMarksAreProofs) {
  EXPECT_THAT(FindingsOf(absl::StrCat(Goroutine(1, "running"), Goroutine(2, "chan send (leaked)"),
                                      Goroutine(3, "chan send (leaked)"), Goroutine(4, "select (leaked)"))),
              ElementsAre("leak.blocked proved 2", "leak.blocked proved 1"));
}

TEST(ListedTest, WhatNothingCanEndIsALeakButForMain) {
  EXPECT_THAT(
      FindingsOf(absl::StrCat(Goroutine(1, "select (no cases)"), Goroutine(2, "chan receive (nil chan)"),
                              Goroutine(3, "chan send (nil chan)"), Goroutine(4, "select (no cases)"))),
      ElementsAre("leak.blocked proved 1", "leak.blocked proved 1", "leak.blocked proved 1"));
}

TEST(ListedTest, LeakTestsAreLikely) {
  const std::string leak =
      absl::StrCat("leaktest: leaked goroutine: ", Goroutine(7, "chan receive"),
                   "leaktest: leaked goroutine: ", Goroutine(8, "chan receive (nil chan)"));
  EXPECT_THAT(FindingsOf(leak), ElementsAre("leak.blocked proved 1", "leak.alive likely 1"));
}

TEST(ListedTest, AsleepIsADeadlockOfAllButTheRuntime) {
  const Model model = ReadTaskLog(
      absl::StrCat("fatal error: all goroutines are asleep - deadlock!\n\n", Goroutine(1, "chan receive"),
                   Goroutine(2, "force gc (idle)", "runtime.gopark"), Goroutine(5, "chan receive (nil chan)")),
      "g");
  const std::vector<Finding> findings = Analyze(model);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].id, "deadlock.all");
  EXPECT_EQ(findings[0].confidence, Confidence::kProved);
  EXPECT_EQ(findings[0].title, "All 2 goroutines are blocked for ever");
  EXPECT_THAT(findings[0].explanation, HasSubstr("main is waiting in chan receive"));
}

TEST(ListedTest, AsleepWithoutGoroutinesIsOneToo) {
  EXPECT_THAT(FindingsOf("fatal error: all goroutines are asleep - deadlock!\n"),
              ElementsAre("deadlock.all proved 1"));
}

TEST(ListedTest, ProofsQuoteTheText) {
  const Model model = ReadTaskLog(Goroutine(2, "chan send (leaked), 3 minutes"), "g");
  const std::vector<Finding> findings = Analyze(model);
  ASSERT_THAT(findings, SizeIs(1));
  const Proof proof = Prove(findings[0]);
  ASSERT_THAT(proof.steps, SizeIs(1));
  EXPECT_EQ(proof.steps[0].claim, "G2 is blocked for at least 3 min in chan send.");
  EXPECT_THAT(proof.steps[0].lines[0].text, HasSubstr("main.f (f.go:7)"));
  EXPECT_THAT(proof.conclusion, HasSubstr("Go's garbage collector found"));
}

}  // namespace
}  // namespace stray::analyzer
