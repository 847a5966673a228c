// SPDX-License-Identifier: Apache-2.0
// policy.h: what a project has decided about findings (docs/POLICY.md).
//
//   rules      which findings to accept, for good (suppressed), up to a day (quarantined), up to a number
//   baseline   which findings were there already (known)
#ifndef STRAY_ANALYZER_REPORT_POLICY_H_
#define STRAY_ANALYZER_REPORT_POLICY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "analyzer/analysis/finding.h"
#include "analyzer/model/model.h"
#include "analyzer/report/baseline.h"
#include "analyzer/report/suppressions.h"

namespace stray::analyzer {

struct Policy {
  Suppressions rules;
  std::optional<Baseline> baseline;

  // Marks findings, all of one moment. May be called several times.
  void Apply(std::vector<Finding>& findings);

  // What is to be said of rules and entries that nothing has matched, once all findings are in.
  std::vector<std::string> Notes(const Model& model) const;

  // Fails if the baseline is of other programs.
  absl::Status CheckPrograms(const Model& model) const;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_POLICY_H_
