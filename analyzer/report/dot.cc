// SPDX-License-Identifier: Apache-2.0
// dot.cc: diagrams in graphviz's language: tasks are boxes, objects ellipses; what can never go on is red, what
// can is green, what has ended is dashed.
//
// Names come from the program under test. All text of it stands in quoted strings, where a quote or a backslash
// could end or change something, an ampersand would begin a character entity, and control characters are made
// visible.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "analyzer/analysis/proof.h"
#include "analyzer/report/finding_text.h"
#include "analyzer/report/names.h"
#include "analyzer/report/page.h"
#include "analyzer/report/proof_report.h"
#include "analyzer/report/report.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMostLabel = 120;

std::string Escaped(absl::string_view text) {
  return absl::StrReplaceAll(Shorten(Printable(text), kMostLabel),
                             {{"\\", "\\\\"}, {"\"", "\\\""}, {"&", "&amp;"}});
}

std::string Quoted(absl::string_view text) { return absl::StrCat("\"", Escaped(text), "\""); }

absl::string_view LookOf(Mark mark) {
  switch (mark) {
    case Mark::kPlain:
      return "";
    case Mark::kStuck:
      return ", color=red, fontcolor=red, penwidth=2";
    case Mark::kLive:
      return ", color=darkgreen, fontcolor=darkgreen";
    case Mark::kEnded:
      return ", color=gray40, fontcolor=gray40, style=dashed";
  }
  return "";
}

absl::string_view MarkText(Mark mark) {
  return mark == Mark::kStuck ? "blocked for ever" : mark == Mark::kEnded ? "ended" : "";
}

absl::string_view ShapeOf(DiagramNode::Shape shape) {
  switch (shape) {
    case DiagramNode::Shape::kTask:
      return "box";
    case DiagramNode::Shape::kObject:
      return "ellipse";
    case DiagramNode::Shape::kOther:
      return "note";
  }
  return "box";
}

// `prefix` keeps the nodes of clusters apart.
std::string BodyOf(const Diagram& diagram, absl::string_view prefix, absl::string_view indent) {
  std::string text;
  for (const DiagramNode& node : diagram.nodes()) {
    const absl::string_view mark = MarkText(node.mark);
    absl::StrAppend(&text, indent, prefix, node.id, " [shape=", ShapeOf(node.shape), ", label=\"",
                    Escaped(node.label), mark.empty() ? "" : "\\n", mark, "\"", LookOf(node.mark), "];\n");
  }
  for (const DiagramEdge& edge : diagram.edges()) {
    absl::StrAppend(&text, indent, prefix, diagram.nodes()[edge.from].id, " -> ", prefix,
                    diagram.nodes()[edge.to].id, " [label=", Quoted(edge.label),
                    edge.dead ? ", style=dashed" : "", "];\n");
  }
  return text;
}

std::string TitleOf(const Finding& finding, size_t number) {
  return absl::StrCat(number == 0 ? "" : absl::StrCat(number, "  "), finding.id, ": ", finding.title);
}

}  // namespace

std::string ProofDot(const NumberedFinding& which, const Proof& proof) {
  return absl::StrCat(
      "digraph stray {\n  label=", Quoted(TitleOf(*which.finding, which.number)),
      ";\n  labelloc=t;\n  node [fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=10];\n",
      BodyOf(proof.diagram, "", "  "), "}\n");
}

std::string DotReport(const std::vector<Finding>& findings, const AnalysisOptions& options) {
  const std::vector<const Finding*> shown = InReportOrder(findings);
  std::string text =
      "digraph stray {\n  node [fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=10];\n";
  for (size_t i = 0; i < shown.size(); ++i) {
    const Proof proof = Prove(*shown[i], options);
    const std::string prefix = absl::StrCat("f", i + 1, "_");
    const std::string where =
        shown[i]->process == nullptr ? "" : absl::StrCat(" in ", ProcessName(*shown[i]->process));
    absl::StrAppend(&text, "  subgraph cluster_", i + 1,
                    " {\n    label=", Quoted(absl::StrCat(TitleOf(*shown[i], i + 1), where)), ";\n");
    // A cluster of nothing would not be drawn.
    if (proof.diagram.nodes().empty())
      absl::StrAppend(&text, "    ", prefix, "none [shape=plaintext, label=\"no picture\"];\n");
    absl::StrAppend(&text, BodyOf(proof.diagram, prefix, "    "), "  }\n");
  }
  return absl::StrCat(text, "}\n");
}

}  // namespace stray::analyzer
