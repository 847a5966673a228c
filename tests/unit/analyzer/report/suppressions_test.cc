// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/suppressions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/analyzer/report/report_fixture.h"

namespace stray::analyzer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Suppressions Parsed(const std::string& text) {
  absl::StatusOr<Suppressions> rules = Suppressions::Parse(text, "rules.supp");
  EXPECT_TRUE(rules.ok()) << rules.status();
  return rules.ok() ? *std::move(rules) : Suppressions();
}

std::string ErrorOf(const std::string& text) {
  return std::string(Suppressions::Parse(text, "rules.supp").status().message());
}

bool Suppresses(const std::string& rule, Finding finding) {
  Suppressions rules = Parsed(rule + " # test");
  std::vector<Finding> findings = {std::move(finding)};
  rules.Apply(findings);
  return findings.front().suppressed;
}

TEST(SuppressionsTest, RuleIsReadWithAllItsParts) {
  const Suppressions rules = Parsed(
      "leak.* function=Pool::* file=pool.cc object=g_pool task=\"pool 1\" created=main  # third party, ticket "
      "12\n");
  ASSERT_EQ(rules.rules().size(), 1u);
  const SuppressionRule& rule = rules.rules().front();
  EXPECT_EQ(rule.place, "rules.supp:1");
  EXPECT_EQ(rule.id, "leak.*");
  EXPECT_EQ(rule.function, "Pool::*");
  EXPECT_EQ(rule.file, "pool.cc");
  EXPECT_EQ(rule.object, "g_pool");
  EXPECT_EQ(rule.task, "pool 1");
  EXPECT_EQ(rule.created, "main");
  EXPECT_EQ(rule.reason, "third party, ticket 12");
}

TEST(SuppressionsTest, ReasonAboveHoldsUpToAnEmptyLineOrComment) {
  const Suppressions rules = Parsed(
      "# A comment is no reason.\n"
      "# why: ticket 12\n"
      "leak.alive\n"
      "leak.blocked  # ticket 13\n"
      "leak.unjoined\n");
  ASSERT_EQ(rules.rules().size(), 3u);
  EXPECT_EQ(rules.rules()[0].reason, "ticket 12");
  EXPECT_EQ(rules.rules()[1].reason, "ticket 13");
  EXPECT_EQ(rules.rules()[2].reason, "ticket 12");
  EXPECT_THAT(ErrorOf("# why: ticket 12\nleak.alive\n\nleak.blocked\n"), HasSubstr("rules.supp:4"));
}

TEST(SuppressionsTest, RuleWithoutReasonIsAnErrorWithItsPlace) {
  EXPECT_THAT(ErrorOf("\nleak.alive\n"), HasSubstr("rules.supp:2: the rule does not say why"));
  EXPECT_THAT(ErrorOf("leak.alive #\n"), HasSubstr("does not say why"));
}

TEST(SuppressionsTest, WhatIsNoRuleIsAnErrorWithItsPlace) {
  EXPECT_THAT(ErrorOf("leak.alive thread=x # r"), HasSubstr("rules.supp:1: \"thread=x\" is not one of"));
  EXPECT_THAT(ErrorOf("leak.alive task= # r"), HasSubstr("task= needs a pattern"));
  EXPECT_THAT(ErrorOf("leak.alive task=a task=b # r"), HasSubstr("task= stands there twice"));
  EXPECT_THAT(ErrorOf("task=a # r"), HasSubstr("starts with a finding id"));
  EXPECT_THAT(ErrorOf("leak.alive task=\"a # r"), HasSubstr("not closed"));
}

TEST(SuppressionsTest, HashInsideAWordOrQuotesIsNoComment) {
  const Suppressions rules = Parsed("leak.alive function=*{lambda#1}* task=\"a # b\"  # reason\n");
  EXPECT_EQ(rules.rules().front().function, "*{lambda#1}*");
  EXPECT_EQ(rules.rules().front().task, "a # b");
}

TEST(SuppressionsTest, WindowsLineEndsAreFine) {
  EXPECT_EQ(Parsed("leak.alive # r\r\n").rules().front().reason, "r");
}

TEST(SuppressionsTest, MatchesOnEachPart) {
  const Model model = ShopModel();
  const Finding deadlock = DeadlockOf(model);
  EXPECT_TRUE(Suppresses("deadlock.cycle", deadlock));
  EXPECT_TRUE(Suppresses("*", deadlock));
  EXPECT_FALSE(Suppresses("leak.*", deadlock));
  EXPECT_TRUE(Suppresses("* function=Ledger::Append", deadlock));
  EXPECT_TRUE(Suppresses("* \"function=Ledger::Append(Entry const&)\"", deadlock));
  EXPECT_FALSE(Suppresses("* function=main", deadlock)) << "created there, but not blocked there";
  EXPECT_TRUE(Suppresses("* created=main", deadlock));
  EXPECT_TRUE(Suppresses("* file=ledger.cc", deadlock));
  EXPECT_TRUE(Suppresses("* file=*/src/ledger.cc", deadlock));
  EXPECT_FALSE(Suppresses("* file=queue.cc", deadlock));
  EXPECT_TRUE(Suppresses("* object=g_cart", deadlock));
  EXPECT_FALSE(Suppresses("* object=g_ledger", deadlock));
  EXPECT_TRUE(Suppresses("* task=flusher", deadlock));
}

TEST(SuppressionsTest, PartsMustHoldForOneTaskTogether) {
  const Model model = ShopModel();
  EXPECT_TRUE(Suppresses("* task=flusher function=Ledger::Append", DeadlockOf(model)));
  EXPECT_FALSE(Suppresses("* task=writer function=Ledger::Append", DeadlockOf(model)));
}

TEST(SuppressionsTest, LeakIsHiddenOnlyIfEveryTaskMatches) {
  const Model model = ShopModel();
  Finding leak = LeakOf(model);
  EXPECT_TRUE(Suppresses("leak.blocked task=reader", leak));
  leak.groups.front().tasks.push_back(TaskOf(model, 3));
  EXPECT_FALSE(Suppresses("leak.blocked task=reader", leak));
  EXPECT_TRUE(Suppresses("leak.blocked task=*r", leak));
}

TEST(SuppressionsTest, WhatHangsBehindALeakMustMatchAsWell) {
  const Model model = ShopModel();
  Finding leak = LeakOf(model);
  leak.consequences.emplace_back().tasks.push_back(TaskOf(model, 3));
  EXPECT_FALSE(Suppresses("leak.blocked task=reader", leak));
  EXPECT_TRUE(Suppresses("leak.blocked task=*r", leak));
  EXPECT_TRUE(Suppresses("leak.blocked", leak));
  Finding deadlock = DeadlockOf(model);
  deadlock.consequences.emplace_back().tasks.push_back(TaskOf(model, 4));
  EXPECT_TRUE(Suppresses("deadlock.cycle task=writer", deadlock));
}

TEST(SuppressionsTest, FindingSaysWhichRuleAndWhy) {
  const Model model = ShopModel();
  Suppressions rules = Parsed("leak.alive # never\n* # first\ndeadlock.* # second\n");
  std::vector<Finding> findings = {DeadlockOf(model)};
  rules.Apply(findings);
  EXPECT_EQ(findings.front().suppressed_by, "rules.supp:2: first");
}

TEST(SuppressionsTest, UnusedRulesAreNamed) {
  const Model model = ShopModel();
  Suppressions rules = Parsed("leak.alive # old\n* # used\n");
  std::vector<Finding> findings = {DeadlockOf(model)};
  rules.Apply(findings);
  EXPECT_THAT(rules.Unused(),
              ElementsAre(HasSubstr("rules.supp:1: the suppression of leak.alive matched nothing")));
  EXPECT_THAT(Parsed("# nothing\n").Unused(), IsEmpty());
}

// What `rules` say of `findings` on `day`.
std::vector<Finding> After(const std::string& rules, std::vector<Finding> findings,
                           absl::string_view day = "2026-06-15") {
  absl::StatusOr<Suppressions> parsed = Suppressions::Parse(rules, "rules.supp", ParseDate(day).value());
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  if (parsed.ok()) parsed->Apply(findings);
  return findings;
}

TEST(SuppressionsTest, QuarantineHoldsUpToTheEndOfItsDay) {
  const Model model = ShopModel();
  const std::string rule = "leak.* expires=2026-06-30  # ticket 12\n";
  const Finding before = After(rule, {LeakOf(model)}, "2026-06-30").front();
  EXPECT_FALSE(before.suppressed);
  EXPECT_TRUE(IsExcused(before));
  EXPECT_EQ(before.quarantine->rule, "rules.supp:1: ticket 12");
  EXPECT_EQ(before.quarantine->expires, "2026-06-30");
  const Finding after = After(rule, {LeakOf(model)}, "2026-07-01").front();
  EXPECT_TRUE(after.quarantine->ran_out);
  EXPECT_FALSE(IsExcused(after));
}

TEST(SuppressionsTest, WhatOneRuleNoLongerAcceptsALaterOneMay) {
  const Model model = ShopModel();
  const std::string old = "leak.* expires=2026-01-01  # old\n";
  const Finding suppressed = After(old + "leak.blocked # for good\n", {LeakOf(model)}).front();
  EXPECT_EQ(suppressed.suppressed_by, "rules.supp:2: for good");
  EXPECT_FALSE(suppressed.quarantine.has_value());
  const Finding prolonged = After(old + "leak.* expires=2027-01-01 # again\n", {LeakOf(model)}).front();
  EXPECT_EQ(prolonged.quarantine->rule, "rules.supp:2: again");
  EXPECT_FALSE(prolonged.quarantine->ran_out);
}

TEST(SuppressionsTest, LimitHoldsForEachPlace) {
  const Model model = ShopModel();
  Finding few = LeakOf(model), many = LeakOf(model);
  few.count = 3;
  many.count = 4;
  const std::vector<Finding> findings = After("leak.* at-most=3  # one a core\n", {few, many});
  EXPECT_TRUE(findings[0].suppressed);
  EXPECT_FALSE(findings[1].suppressed);
  EXPECT_EQ(findings[1].exceeded, "rules.supp:1 accepts at most 3 at one place (one a core), and here are 4");
}

TEST(SuppressionsTest, LimitInAllCountsTogether) {
  const Model model = ShopModel();
  Finding leak = LeakOf(model);
  leak.count = 3;
  const std::string rule = "leak.* at-most-in-all=6  # known\n";
  EXPECT_TRUE(After(rule, {leak, leak}).back().suppressed);
  const std::vector<Finding> findings = After(rule, {leak, leak, leak});
  for (const Finding& finding : findings) {
    EXPECT_FALSE(finding.suppressed);
    EXPECT_EQ(finding.exceeded, "rules.supp:1 accepts at most 6 in all (known), and there are 9");
  }
}

TEST(SuppressionsTest, LimitAndDateHoldTogether) {
  const Model model = ShopModel();
  const std::string rule = "leak.* at-most=1 expires=2026-12-31  # ticket 3\n";
  EXPECT_TRUE(After(rule, {LeakOf(model)}).front().quarantine.has_value());
  Finding two = LeakOf(model);
  two.count = 2;
  EXPECT_FALSE(After(rule, {two}).front().quarantine.has_value());
}

TEST(SuppressionsTest, WrongDatesAndLimitsAreErrorsWithTheirPlace) {
  EXPECT_THAT(ErrorOf("leak.alive expires=soon # r"), HasSubstr("rules.supp:1: \"soon\" is no day"));
  EXPECT_THAT(ErrorOf("leak.alive expires=2026-02-30 # r"), HasSubstr("is no day"));
  EXPECT_THAT(ErrorOf("leak.alive expires=2026-01-01 expires=2026-01-02 # r"), HasSubstr("twice"));
  for (const char* wrong : {"0", "-1", "+3", "x", "99999999999999999999", "1.5"})
    EXPECT_THAT(ErrorOf(absl::StrCat("leak.alive at-most=", wrong, " # r")),
                HasSubstr("is no number from 1 on"));
  EXPECT_THAT(ErrorOf("leak.alive at-most= # r"), HasSubstr("is no number"));
  EXPECT_THAT(ErrorOf("leak.alive at-most-in-all=1 at-most-in-all=2 # r"), HasSubstr("twice"));
}

TEST(SuppressionsTest, UnusedRuleThatRanOutSaysSo) {
  const absl::StatusOr<Suppressions> rules =
      Suppressions::Parse("leak.* expires=2026-01-01 # old\n", "rules.supp", ParseDate("2026-06-15").value());
  ASSERT_TRUE(rules.ok());
  EXPECT_THAT(rules->Unused(), ElementsAre(HasSubstr("matched nothing and ran out on 2026-01-01 (\"old\")")));
}

}  // namespace
}  // namespace stray::analyzer
