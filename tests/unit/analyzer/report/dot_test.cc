// SPDX-License-Identifier: Apache-2.0
// Pictures: what stands in them, and that names stay names. tests/cli/explain_test.py gives them to graphviz.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyzer/analysis/analyze.h"
#include "analyzer/report/proof_report.h"
#include "analyzer/report/report.h"
#include "tests/unit/analyzer/report/report_fixture.h"

namespace stray::analyzer {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(DotTest, TasksAreBoxesObjectsEllipsesAndEachFindingIsACluster) {
  const Model model = ShopModel();
  const std::string dot = DotReport(Analyze(model), {});
  EXPECT_THAT(dot, HasSubstr("digraph stray {\n"));
  EXPECT_THAT(dot, HasSubstr("  subgraph cluster_1 {\n    label=\"1  deadlock.cycle: Deadlock of 2 threads in "
                             "cart_test (pid 4711)\";\n"));
  EXPECT_THAT(dot, HasSubstr("f1_t2 [shape=box, label=\"T2 \\\"flusher\\\"\\nblocked for ever\", color=red"));
  EXPECT_THAT(dot, HasSubstr("f1_o1 [shape=ellipse, label=\"mutex g_cart\"];\n"));
  EXPECT_THAT(dot, HasSubstr("f1_t2 -> f1_o2 [label=\"waits\"];\n"));
  EXPECT_THAT(dot, HasSubstr("f1_t3 -> f1_o2 [label=\"holds\", style=dashed];\n"));
}

TEST(DotTest, WhatIsSuppressedIsNotDrawn) {
  const Model model = ShopModel();
  std::vector<Finding> findings = Analyze(model);
  for (Finding& finding : findings) finding.suppressed = true;
  EXPECT_THAT(DotReport(findings, {}), Not(HasSubstr("cluster")));
}

TEST(DotTest, NamesAreEscaped) {
  Finding finding;
  finding.id = "deadlock.cycle";
  finding.title = "title";
  Proof proof;
  proof.diagram.Task(1, "a\"];b -> c\\ &lt; \x1b[0m\n\xff");
  const std::string dot = ProofDot({&finding, 1, 1}, proof);
  EXPECT_THAT(dot, HasSubstr("label=\"a\\\"];b -> c\\\\ &amp;lt; "));
  EXPECT_THAT(dot, Not(HasSubstr("\x1b")));
  EXPECT_THAT(dot, Not(HasSubstr("\xff")));
}

}  // namespace
}  // namespace stray::analyzer
