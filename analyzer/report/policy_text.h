// SPDX-License-Identifier: Apache-2.0
// policy_text.h: what a report for people says of a project's policy.
#ifndef STRAY_ANALYZER_REPORT_POLICY_TEXT_H_
#define STRAY_ANALYZER_REPORT_POLICY_TEXT_H_

#include <string>
#include <vector>

#include "analyzer/analysis/finding.h"

namespace stray::analyzer {

// False for what is only counted: suppressed findings, and those that the baseline knows.
bool IsShown(const Finding& finding);

// Of one finding that is shown: "Quarantined up to 2026-12-31: ...". A sentence each; empty: nothing.
std::vector<std::string> PolicySentences(const Finding& finding);

// Of those that are not shown: " 2 findings are suppressed. 1 finding is known."; "" if there are none.
std::string HiddenText(const std::vector<Finding>& findings);

// True if any of them is in the baseline.
bool HasKnown(const std::vector<Finding>& findings);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_POLICY_TEXT_H_
