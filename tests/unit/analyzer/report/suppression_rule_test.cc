// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/suppression_rule.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "analyzer/report/suppressions.h"
#include "tests/unit/analyzer/report/report_fixture.h"

namespace stray::analyzer {
namespace {

bool Suppresses(const std::string& rule, const Finding& finding) {
  absl::StatusOr<Suppressions> rules = Suppressions::Parse(rule + "test", "rules.supp");
  EXPECT_TRUE(rules.ok()) << rules.status();
  if (!rules.ok()) return false;
  std::vector<Finding> findings = {finding};
  rules->Apply(findings);
  return findings.front().suppressed;
}

TEST(SuppressionRuleTest, NamesWhereTheTaskStandsAndWhereItWasCreated) {
  const Model model = ShopModel();
  const Finding leak = LeakOf(model);
  const std::string rule = RuleFor(leak);
  EXPECT_EQ(rule, "leak.blocked function=Queue::Pop created=main  # why: ");
  EXPECT_TRUE(Suppresses(rule, leak));
  EXPECT_FALSE(Suppresses(rule, DeadlockOf(model)));
}

TEST(SuppressionRuleTest, IsAsWideAsAllTasksOfALeakNeed) {
  const Model model = ShopModel();
  Finding leak = LeakOf(model);
  leak.groups.push_back({{TaskOf(model, 2)}});
  const std::string rule = RuleFor(leak);
  EXPECT_EQ(rule, "leak.blocked created=main  # why: ");
  EXPECT_TRUE(Suppresses(rule, leak));
}

TEST(SuppressionRuleTest, IsReadAsItWasMeantWhateverTheFunctionIsCalled) {
  const Model model = ShopModel(R"(
      frame { address: 0x401700 module: 1 offset: 0x1700 locations { function: "operator[](int*, \"x\") #1\\" } }
      stack { id: 9 addresses: [0x401700] }
      task { id: 9 kind: "thread" }
      task_state { task: 9 state: "blocked" wait_reason: "sem_wait" stack: 9 wait_ns: 1 })");
  Finding leak = LeakOf(model);
  leak.groups = {{{TaskOf(model, 9)}}};
  const std::string rule = RuleFor(leak);
  EXPECT_NE(rule.find("function="), std::string::npos) << rule;
  EXPECT_TRUE(Suppresses(rule, leak)) << rule;
}

TEST(SuppressionRuleTest, OfAFindingWithoutStacksOnlyTheIdIsLeft) {
  const Model model = ShopModel();
  Finding misuse;
  misuse.id = "sync.misuse";
  misuse.process = model.processes.front().get();
  EXPECT_EQ(RuleFor(misuse), "sync.misuse  # why: ");
}

TEST(SuppressionRuleTest, ThereIsNoneForAFindingOfNoProcess) { EXPECT_EQ(RuleFor(Finding()), ""); }

}  // namespace
}  // namespace stray::analyzer
