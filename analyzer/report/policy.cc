// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/policy.h"

#include "absl/strings/str_cat.h"

namespace stray::analyzer {

void Policy::Apply(std::vector<Finding>& findings) {
  rules.Apply(findings);
  if (baseline.has_value()) baseline->Apply(findings);
}

std::vector<std::string> Policy::Notes(const Model& model) const {
  std::vector<std::string> notes = rules.Unused();
  const size_t missing = baseline.has_value() ? baseline->CountMissing(model) : 0;
  if (missing != 0) {
    notes.push_back(absl::StrCat(baseline->name(), ": ", missing, " known finding", missing == 1 ? "" : "s",
                                 " did not occur; `stray baseline update` takes out what is gone for good"));
  }
  return notes;
}

absl::Status Policy::CheckPrograms(const Model& model) const {
  return baseline.has_value() ? baseline->CheckPrograms(model) : absl::OkStatus();
}

}  // namespace stray::analyzer
