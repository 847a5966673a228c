// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/fail_on.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stray::analyzer {
namespace {

using testing::HasSubstr;

Finding Make(const std::string& id, Confidence confidence, bool suppressed = false) {
  Finding finding;
  finding.id = id;
  finding.confidence = confidence;
  finding.suppressed = suppressed;
  return finding;
}

FailOn Parse(std::vector<std::string> entries) { return *FailOn::Parse(entries); }

TEST(FailOnTest, DefaultIsProvedAndLikely) {
  for (const FailOn& fail_on : {FailOn(), Parse({})}) {
    EXPECT_TRUE(fail_on.Matches(Make("leak.blocked", Confidence::kProved)));
    EXPECT_TRUE(fail_on.Matches(Make("leak.alive", Confidence::kLikely)));
    EXPECT_FALSE(fail_on.Matches(Make("leak.alive", Confidence::kHeuristic)));
  }
}

TEST(FailOnTest, IdsGlobsAndConfidencesSelect) {
  const FailOn fail_on = Parse({"deadlock.*", "leak.unjoined", "heuristic"});
  EXPECT_TRUE(fail_on.Matches(Make("deadlock.cycle", Confidence::kProved)));
  EXPECT_TRUE(fail_on.Matches(Make("leak.unjoined", Confidence::kProved)));
  EXPECT_TRUE(fail_on.Matches(Make("leak.alive", Confidence::kHeuristic)));
  EXPECT_FALSE(fail_on.Matches(Make("leak.blocked", Confidence::kProved)));
}

TEST(FailOnTest, AllAndNone) {
  const Finding finding = Make("sync.misuse", Confidence::kHeuristic);
  EXPECT_TRUE(Parse({"all"}).Matches(finding));
  EXPECT_FALSE(Parse({"none"}).Matches(Make("deadlock.all", Confidence::kProved)));
}

TEST(FailOnTest, SuppressedFindingNeverFails) {
  EXPECT_FALSE(Parse({"all"}).Matches(Make("leak.blocked", Confidence::kProved, /*suppressed=*/true)));
}

TEST(FailOnTest, CountsWhatMatches) {
  const std::vector<Finding> findings = {Make("leak.blocked", Confidence::kProved),
                                         Make("leak.blocked", Confidence::kProved, true),
                                         Make("leak.alive", Confidence::kLikely)};
  EXPECT_EQ(FailOn().Count(findings), 2u);
}

TEST(FailOnTest, WordThatCanNeverMatchIsAnError) {
  const auto fail_on = FailOn::Parse({"leak.blokced"});
  ASSERT_FALSE(fail_on.ok());
  EXPECT_THAT(std::string(fail_on.status().message()), HasSubstr("did you mean \"leak.blocked\""));
  EXPECT_FALSE(FailOn::Parse({"dead-lock.*"}).ok());
}

TEST(FailOnTest, WhatAPolicyExcusesFailsNothing) {
  Finding finding;
  finding.id = "leak.blocked";
  EXPECT_TRUE(FailOn().Matches(finding));
  finding.known = false;
  finding.quarantine = Quarantine{"rules.supp:1: r", "2026-01-01", true};
  EXPECT_TRUE(FailOn().Matches(finding)) << "it is new, and its quarantine ran out";
  finding.known = true;
  EXPECT_FALSE(FailOn().Matches(finding));
  EXPECT_TRUE(FailOn().Selects(finding));
  finding.known = false;
  finding.quarantine->ran_out = false;
  EXPECT_FALSE(FailOn().Matches(finding));
}

}  // namespace
}  // namespace stray::analyzer
