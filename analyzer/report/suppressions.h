// SPDX-License-Identifier: Apache-2.0
// suppressions.h: findings that a project has looked at and decided to live with.
//
// One rule a line (docs/SUPPRESSIONS.md):
//
//   leak.alive task="pool-*" created=ThirdParty::*   # their pool lives as long as the process, ticket 12
//
// A rule names a finding id and may narrow it down; all it says must hold together. Every rule says why.
// Globs are those of fnmatch(3). What a rule has to hold for:
//   - leaks and timeouts (`leak.*`, `hang.*`): every task of the finding, so that a rule for one pool does
//     not hide the stranger that leaked beside it;
//   - everything else: one task of the finding, as a deadlock is over once one of its parties is accepted.
#ifndef STRAY_ANALYZER_REPORT_SUPPRESSIONS_H_
#define STRAY_ANALYZER_REPORT_SUPPRESSIONS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analyzer/analysis/finding.h"

namespace stray::analyzer {

struct SuppressionRule {
  std::string place;  // "rules.supp:3"
  std::string reason;
  std::string id;  // glob on the finding id
  // Globs; empty: anything.
  std::string function;
  std::string file;
  std::string object;
  std::string task;
  std::string created;
  bool used = false;
};

class Suppressions {
 public:
  Suppressions() = default;

  // Reads rules from `text`; `name` is the file's name for messages. kInvalidArgument, with name and line,
  // for what is no rule and for a rule without a reason.
  static absl::StatusOr<Suppressions> Parse(absl::string_view text, absl::string_view name);

  // Sets Finding::suppressed and suppressed_by ("rules.supp:3: the reason") where a rule matches; the first
  // one counts. May be called several times; rules stay used.
  void Apply(std::vector<Finding>& findings);

  // A sentence for every rule that no finding needed so far.
  std::vector<std::string> Unused() const;

  const std::vector<SuppressionRule>& rules() const { return rules_; }

 private:
  std::vector<SuppressionRule> rules_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_SUPPRESSIONS_H_
