// SPDX-License-Identifier: Apache-2.0
// proof_text.cc: a proof as text: the finding's sentence, the steps, the conclusion.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "analyzer/report/finding_text.h"
#include "analyzer/report/names.h"
#include "analyzer/report/page.h"
#include "analyzer/report/proof_report.h"

namespace stray::analyzer {
namespace {

constexpr size_t kIndent = 3;
constexpr size_t kNumberWidth = 4;

std::string WhichText(const NumberedFinding& which) {
  const std::string where =
      which.finding->process == nullptr ? "the data" : ProcessName(*which.finding->process);
  if (which.number == 0) return absl::StrCat("a suppressed finding in ", where);
  return absl::StrCat("finding ", which.number, which.of > 1 ? absl::StrCat(" of ", which.of) : "", " in ",
                      where);
}

// "It is blocked for ever itself: step 2."
std::string TextOf(const ProofLine& line) {
  if (line.step == 0) return line.text;
  return absl::StrCat(absl::StripSuffix(line.text, "."), ": step ", line.step, ".");
}

void WriteSteps(Page& page, const Proof& proof) {
  for (size_t i = 0; i < proof.steps.size(); ++i) {
    const ProofStep& step = proof.steps[i];
    page.Blank();
    page.Paragraph(0, {PadRight(absl::StrCat(i + 1), kNumberWidth), Tone::kStrong}, step.claim, Tone::kStrong);
    for (const ProofLine& line : step.lines) {
      page.Paragraph(kNumberWidth, {"- ", Tone::kFaint}, TextOf(line));
    }
  }
}

}  // namespace

std::string ProofText(const NumberedFinding& which, const Proof& proof, const ReportOptions& options) {
  const Finding& finding = *which.finding;
  Page page(options.width, options.color);
  const bool is_proved = finding.confidence == Confidence::kProved;
  page.Paragraph(0, {"stray: ", Tone::kStrong}, WhichText(which), Tone::kStrong);
  page.Blank();
  page.Line(kIndent, {{finding.id, is_proved ? Tone::kAlarm : Tone::kCaution},
                      {absl::StrCat("  ", ConfidenceText(finding.confidence), "  ",
                                    finding.count == 1 ? "once" : absl::StrCat(finding.count, " times"))}});
  if (!absl::StartsWithIgnoreCase(finding.explanation, finding.title))
    page.Paragraph(kIndent, finding.title, Tone::kStrong);
  page.Paragraph(kIndent, finding.explanation);
  if (finding.suppressed) page.Paragraph(kIndent, {"suppressed: ", Tone::kFaint}, finding.suppressed_by);
  WriteSteps(page, proof);
  // Of a finding without steps the explanation is all there is.
  if (!proof.conclusion.empty() && proof.conclusion != finding.explanation) {
    page.Blank();
    page.Paragraph(0, {"so  ", Tone::kStrong}, proof.conclusion);
  }
  return page.Take();
}

}  // namespace stray::analyzer
