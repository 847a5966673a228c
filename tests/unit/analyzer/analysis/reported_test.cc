// SPDX-License-Identifier: Apache-2.0
// Which reports are one finding, and what is said of them. Whole reports are in tests/golden/log_*.
#include "analyzer/analysis/reported.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/load/race_log.h"
#include "analyzer/report/suppressions.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

struct Access {
  std::string words;  // "Write of size 4", without "Previous"
  std::string function;
  int line = 0;
  std::string caller = "main";
  std::string locks = "";  // " (mutexes: write M0)"
};

std::string SectionOf(const Access& access, bool previous, int thread) {
  std::string words = access.words;
  if (previous) words = absl::StrCat("Previous ", absl::AsciiStrToLower(words.substr(0, 1)), words.substr(1));
  return absl::StrCat("  ", words, " at 0x601020 by thread T", thread, access.locks, ":\n    #0 ",
                      access.function, " /src/cart.cc:", access.line, " (shop+0x", access.line, ")\n    #1 ",
                      access.caller, " /src/main.cc:5 (shop+0x9", access.caller.size(), ")\n\n");
}

std::string Race(const Access& first, const Access& second, const std::string& more = "",
                 const std::string& title = "data race") {
  return absl::StrCat("==================\nWARNING: ThreadSanitizer: ", title, " (pid=1)\n",
                      SectionOf(first, false, 1), SectionOf(second, true, 2), more, "==================\n");
}

// Owns the models that findings point into.
class ReportedTest : public testing::Test {
 protected:
  std::vector<Finding> FindingsOf(const std::string& log) {
    model_.Append(ReadRaceLog(log, "log"));
    return Analyze(model_);
  }

  Finding FindingOf(const std::string& log) {
    std::vector<Finding> findings = FindingsOf(log);
    EXPECT_EQ(findings.size(), 1u);
    return findings.empty() ? Finding() : findings.front();
  }

  Model model_;
};

const Access kAdd = {"Write of size 4", "Cart::Add(int)", 24};
const Access kTotal = {"Read of size 4", "Cart::Total()", 30};

TEST_F(ReportedTest, PairOfSitesIsOneFindingWhicheverComesFirst) {
  const Finding finding = FindingOf(Race(kAdd, kTotal) + Race(kTotal, kAdd));
  EXPECT_EQ(finding.id, "race.data");
  EXPECT_EQ(finding.confidence, Confidence::kProved);
  EXPECT_EQ(finding.count, 2u);
  EXPECT_EQ(finding.reported->call_paths, 1u);
  EXPECT_THAT(finding.reported->origins, ElementsAre("log:2", "log:13"));
}

TEST_F(ReportedTest, OtherCallersAreCountedAndNoOtherFinding) {
  Access other = kAdd;
  other.caller = "Refund()";
  const Finding finding = FindingOf(Race(kAdd, kTotal) + Race(other, kTotal));
  EXPECT_EQ(finding.count, 2u);
  EXPECT_EQ(finding.reported->call_paths, 2u);
}

TEST_F(ReportedTest, OtherLineIsAnotherFinding) {
  Access other = kAdd;
  other.line = 25;
  EXPECT_EQ(FindingsOf(Race(kAdd, kTotal) + Race(other, kTotal)).size(), 2u);
}

TEST_F(ReportedTest, SameRaceInTwoProcessesIsOneFinding) {
  model_.Append(ReadRaceLog(Race(kAdd, kTotal), "first"));
  std::string other = Race(kTotal, kAdd);
  other.replace(other.find("pid=1"), 5, "pid=2");
  const Finding finding = FindingOf(other);
  EXPECT_THAT(finding.reported->pids, ElementsAre(1, 2));
  EXPECT_EQ(finding.count, 2u);
}

TEST_F(ReportedTest, ExplanationNamesTheLockThatOnlyOneSideHolds) {
  Access locked = kAdd;
  locked.locks = " (mutexes: write M0)";
  const Finding finding =
      FindingOf(Race(kTotal, locked,
                     "  Location is global 'g_cart' of size 48 at 0x601000 (shop+0x601020)\n\n"
                     "  Mutex M0 (0x601008) created at:\n    #0 main /src/main.cc:3 (shop+0x3)\n"));
  EXPECT_EQ(
      finding.explanation,
      "Global g_cart+0x20 is written by T2 at Cart::Add (cart.cc:24) with mutex g_cart+0x8 held and read by T1 "
      "at Cart::Total (cart.cc:30) with none.");
}

TEST_F(ReportedTest, ExplanationSaysWhenNobodyHoldsALock) {
  EXPECT_THAT(FindingOf(Race(kAdd, kTotal)).explanation, HasSubstr(", both without a lock."));
}

TEST_F(ReportedTest, OfALostStackNoLocksAreClaimed) {
  const Finding finding = FindingOf(
      "WARNING: ThreadSanitizer: data race (pid=1)\n  Write of size 4 at 0x10 by thread T1:\n"
      "    #0 f /a.cc:1 (m+0x1)\n\n  Previous read of size 4 at 0x10 by thread T2:\n"
      "    [failed to restore the stack]\n\n==================\n");
  EXPECT_THAT(finding.explanation, HasSubstr("read by T2 at a place that the detector had forgotten."));
  EXPECT_THAT(finding.explanation, Not(HasSubstr("both without")));
}

TEST_F(ReportedTest, AtomicAndPlainAccessIsSaid) {
  Access atomic = kTotal;
  atomic.words = "Atomic read of size 4";
  const Finding finding = FindingOf(Race(kAdd, atomic));
  EXPECT_EQ(finding.title, "An atomic and a plain access race for the same memory");
  EXPECT_THAT(finding.explanation, HasSubstr("read atomically by T2"));
}

TEST_F(ReportedTest, UseAfterFreeNamesWhoFreed) {
  const Finding finding = FindingOf(Race(kAdd, {"Write of size 8", "Drop()", 50}, "", "heap-use-after-free"));
  EXPECT_EQ(finding.id, "race.data");
  EXPECT_THAT(finding.explanation, HasSubstr("that T2 has freed at Drop (cart.cc:50)"));
  EXPECT_EQ(finding.groups[1].tasks[0].stacks[0].role, "free");
}

TEST_F(ReportedTest, WhatALibraryDoesIsPutDownToItsCaller) {
  const std::string log =
      "WARNING: ThreadSanitizer: data race (pid=1)\n  Write of size 8 at 0x10 by thread T1:\n"
      "    #0 memset <null> (shop+0x1)\n    #1 Clear() /src/cart.cc:9 (shop+0x2)\n\n"
      "  Previous write of size 8 at 0x10 by thread T2:\n"
      "    #0 operator() /usr/include/c++/12/bits/std_thread.h:259 (shop+0x4)\n"
      "    #1 Fill() /src/cart.cc:8 (shop+0x3)\n==================\n";
  EXPECT_THAT(FindingOf(log).explanation,
              HasSubstr("written by T1 at Clear (cart.cc:9) and written by T2 at Fill"));
}

TEST_F(ReportedTest, MisuseOfMutexesIsSyncMisuse) {
  const Finding finding = FindingOf(
      "WARNING: ThreadSanitizer: destroy of a locked mutex (pid=1)\n    #0 pthread_mutex_destroy <null> "
      "(shop+0x1)\n"
      "    #1 End() /src/cart.cc:9 (shop+0x2)\n\n  and:\n    #0 Begin() /src/cart.cc:5 (shop+0x3)\n\n"
      "  Location is global 'g_mu' of size 40 at 0x10 (shop+0x10)\n\n  Mutex M0 (0x10) created at:\n"
      "    #0 main /src/main.cc:1 (shop+0x5)\n==================\n");
  EXPECT_EQ(finding.id, "sync.misuse");
  EXPECT_EQ(finding.explanation,
            "Mutex g_mu was destroyed while it was locked, at End (cart.cc:9); it had been locked at Begin "
            "(cart.cc:5).");
}

TEST_F(ReportedTest, ThreadLeakIsUnjoinedAndCountsThoseLikeIt) {
  const Finding finding = FindingOf(
      "WARNING: ThreadSanitizer: thread leak (pid=1)\n  Thread T1 (tid=2, finished) created by main thread "
      "at:\n"
      "    #0 Start() /src/cart.cc:9 (shop+0x2)\n\n  And 2 more similar thread leaks.\n==================\n");
  EXPECT_EQ(finding.id, "leak.unjoined");
  EXPECT_EQ(finding.count, 3u);
}

TEST_F(ReportedTest, TitleWithoutMeaningIsShown) {
  const Finding finding = FindingOf(
      "WARNING: ThreadSanitizer: use of a fibre after its end (pid=1)\n    #0 f /a.cc:1 "
      "(m+0x1)\n==================\n");
  EXPECT_EQ(finding.id, "race.data");
  EXPECT_EQ(finding.confidence, Confidence::kLikely);
  EXPECT_EQ(finding.title, "ThreadSanitizer reported: use of a fibre after its end");
}

TEST_F(ReportedTest, SuppressionsMatchFunctionsFilesAndVariables) {
  const std::string place = "  Location is global 'g_cart' of size 48 at 0x601000 (shop+0x601020)\n\n";
  std::vector<Finding> findings = FindingsOf(Race(kAdd, kTotal, place));
  ASSERT_EQ(findings.size(), 1u);
  for (const std::string rule :
       {"race.data function=Cart::Add # w", "race.* file=cart.cc # w", "* object=g_cart # w"}) {
    std::vector<Finding> copy = findings;
    auto rules = Suppressions::Parse(rule, "rules");
    ASSERT_TRUE(rules.ok());
    rules->Apply(copy);
    EXPECT_TRUE(copy[0].suppressed) << rule;
  }
  auto rules = Suppressions::Parse("race.data function=Refund # w", "rules");
  ASSERT_TRUE(rules.ok());
  rules->Apply(findings);
  EXPECT_FALSE(findings[0].suppressed);
}

TEST_F(ReportedTest, SignatureOutlivesLinesAndAddresses) {
  Access moved = kAdd;
  moved.line = 99;
  const std::string before = FindingOf(Race(kAdd, kTotal)).signature;
  model_ = Model();
  EXPECT_EQ(FindingOf(Race(kTotal, moved)).signature, before);
}

}  // namespace
}  // namespace stray::analyzer
