// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/test_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyzer/analysis/leaks.h"
#include "tests/unit/analyzer/analysis/process_builder.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Main runs test 5; T2 is of an earlier one, T3 of this one.
class TestFindingsTest : public testing::Test {
 protected:
  TestFindingsTest() : p_("test") {
    p_.Main(1).Thread(2).Thread(3).Object(7, "condition");
    p_.Running(1).Blocked(2, "pthread_cond_wait", 7).Blocked(3, "pthread_cond_wait", 7);
    p_.info().set_taken_by(1);
    p_.info().set_test_number(5);
    SetTest(1, 5, "Cart.Flush");
    SetTest(2, 4, "Cart.Open");
    SetTest(3, 5, "Cart.Flush");
  }

  void SetTest(uint32_t task, uint32_t number, const char* name) {
    p_.task(task).set_test_number(number);
    p_.task(task).set_test(name);
  }

  static Finding Leak(uint32_t task, uint64_t count) { return Made("leak.alive", task, count, "leak"); }
  static Finding Misuse(uint32_t task, uint64_t count, const char* signature) {
    return Made("sync.misuse", task, count, signature);
  }
  static Finding Made(const char* id, uint32_t task, uint64_t count, const char* signature) {
    Finding finding;
    finding.id = id;
    finding.count = count;
    finding.signature = signature;
    EvidenceTask evidence;
    evidence.task = task;
    finding.groups.emplace_back().tasks.push_back(evidence);
    return finding;
  }

  // Ids of those that are new.
  std::vector<std::string> Take(const std::vector<Finding>& findings) {
    p_.raw().Index();
    std::vector<std::string> ids;
    for (const Finding& finding : tests_.TakeNew(p_.raw(), findings)) ids.push_back(finding.id);
    return ids;
  }

  ProcessBuilder p_;
  TestFindings tests_;
};

TEST_F(TestFindingsTest, OnlyTasksOfTheTestThatEndsAreLeaks) {
  const std::vector<Finding> findings = p_.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("leak.alive x1 T3"));
  EXPECT_THAT(findings[0].title, HasSubstr("when test Cart.Flush ended"));
}

TEST_F(TestFindingsTest, WithoutATestAllTasksCountThatNoneHasStarted) {
  p_.info().set_test_number(0);
  SetTest(1, 0, "");
  SetTest(3, 0, "");
  const std::vector<Finding> findings = p_.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("leak.alive x1 T3"));
  EXPECT_THAT(findings[0].title, HasSubstr("when the check was made"));
}

TEST_F(TestFindingsTest, AThreadThatNobodyJoinedIsOfItsTest) {
  p_.Finished(8).Finished(9);
  SetTest(8, 5, "Cart.Flush");
  SetTest(9, 4, "Cart.Open");
  EXPECT_THAT(Summaries(p_), ElementsAre("leak.unjoined x1 T8", "leak.alive x1 T3"));
}

TEST_F(TestFindingsTest, ALeakIsToldOnceAndAgainWhenThereIsMoreOfIt) {
  EXPECT_THAT(Take({Leak(3, 1)}), SizeIs(1));
  EXPECT_THAT(Take({Leak(3, 1)}), IsEmpty());
  EXPECT_THAT(Take({Leak(3, 2)}), SizeIs(1));
}

TEST_F(TestFindingsTest, TheSameLeakInTheNextTestIsANewOne) {
  EXPECT_THAT(Take({Leak(3, 1)}), SizeIs(1));
  p_.info().set_test_number(6);
  SetTest(3, 6, "Cart.Flush");
  EXPECT_THAT(Take({Leak(3, 1)}), SizeIs(1));
}

TEST_F(TestFindingsTest, WhatTheRunnerDidIsTheTestsOwnButNotTheNextOnes) {
  EXPECT_THAT(Take({Misuse(1, 1, "a")}), ElementsAre("sync.misuse"));
  p_.info().set_test_number(6);
  SetTest(1, 6, "Cart.Close");
  EXPECT_THAT(Take({Misuse(1, 1, "a")}), IsEmpty());
  EXPECT_THAT(Take({Misuse(1, 2, "a")}), ElementsAre("sync.misuse"));
}

TEST_F(TestFindingsTest, WhatTasksOfOtherTestsDidIsNotToldHereAndWaitsForThem) {
  EXPECT_THAT(Take({Misuse(2, 1, "a")}), IsEmpty());
  p_.info().set_test_number(4);
  EXPECT_THAT(Take({Misuse(2, 1, "a")}), ElementsAre("sync.misuse"));
}

TEST_F(TestFindingsTest, ADeadlockBelongsToTheTestOfItsTasks) {
  Finding deadlock = Made("deadlock.cycle", 2, 1, "d");
  EXPECT_THAT(Take({deadlock}), IsEmpty());
  deadlock.groups.front().tasks.front().task = 3;
  EXPECT_THAT(Take({deadlock}), ElementsAre("deadlock.cycle"));
}

}  // namespace
}  // namespace stray::analyzer
