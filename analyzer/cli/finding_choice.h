// SPDX-License-Identifier: Apache-2.0
// finding_choice.h: which finding is meant, as users name it on the command line.
//
//   3                 the number in the text report
//   leak.blocked      its id, if there is one of that id only
//   leak.blocked:2    the second of that id
//   leak.blocked-0123456789abcdef   its signature: the same from run to run
#ifndef STRAY_ANALYZER_CLI_FINDING_CHOICE_H_
#define STRAY_ANALYZER_CLI_FINDING_CHOICE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analyzer/analysis/finding.h"
#include "analyzer/report/proof_report.h"

namespace stray::analyzer {

// The finding of `findings`, which must outlive the result. An error says what there is instead. Findings
// that are suppressed or known have no number, but can be named in the other ways.
absl::StatusOr<NumberedFinding> ChooseFinding(const std::vector<Finding>& findings, absl::string_view name);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_FINDING_CHOICE_H_
