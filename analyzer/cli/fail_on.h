// SPDX-License-Identifier: Apache-2.0
// fail_on.h: which findings make a run fail (--fail-on).
//
// An entry is a confidence ("proved"), a finding id ("leak.blocked"), a glob over ids ("deadlock.*"),
// "all" or "none". One that is suppressed, quarantined or in the baseline never fails a run.
#ifndef STRAY_ANALYZER_CLI_FAIL_ON_H_
#define STRAY_ANALYZER_CLI_FAIL_ON_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "analyzer/analysis/finding.h"

namespace stray::analyzer {

class FailOn {
 public:
  // The default: everything proved or likely.
  FailOn();

  // kInvalidArgument, with the nearest right word, for an entry that can never match.
  static absl::StatusOr<FailOn> Parse(absl::Span<const std::string> entries);

  // True if it makes the run fail.
  bool Matches(const Finding& finding) const;

  // True if it would, were it not for what a project has decided about it (IsExcused).
  bool Selects(const Finding& finding) const;

  // How many of `findings` make the run fail.
  size_t Count(absl::Span<const Finding> findings) const;

 private:
  std::vector<std::string> entries_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_FAIL_ON_H_
