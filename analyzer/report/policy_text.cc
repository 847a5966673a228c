// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/policy_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "analyzer/analysis/describe.h"

namespace stray::analyzer {
namespace {

bool IsKnown(const Finding& finding) { return finding.known.value_or(false); }

std::string AreText(size_t number, absl::string_view what) {
  if (number == 0) return "";
  return absl::StrCat(" ", Counted(number, "finding"), number == 1 ? " is " : " are ", what, ".");
}

}  // namespace

bool IsShown(const Finding& finding) { return !finding.suppressed && !IsKnown(finding); }

std::vector<std::string> PolicySentences(const Finding& finding) {
  std::vector<std::string> sentences;
  if (finding.quarantine.has_value()) {
    const Quarantine& quarantine = *finding.quarantine;
    sentences.push_back(
        quarantine.ran_out
            ? absl::StrCat("Its quarantine ran out on ", quarantine.expires, ": ", quarantine.rule)
            : absl::StrCat("Quarantined up to ", quarantine.expires, ", fails nothing: ", quarantine.rule));
  }
  if (!finding.exceeded.empty()) sentences.push_back(absl::StrCat("Not suppressed: ", finding.exceeded));
  return sentences;
}

std::string HiddenText(const std::vector<Finding>& findings) {
  const auto suppressed = std::count_if(findings.begin(), findings.end(),
                                        [](const Finding& finding) { return finding.suppressed; });
  const auto known = std::count_if(findings.begin(), findings.end(), IsKnown);
  return AreText(static_cast<size_t>(suppressed), "suppressed") +
         AreText(static_cast<size_t>(known), "known (in the baseline)");
}

bool HasKnown(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), IsKnown);
}

}  // namespace stray::analyzer
