// SPDX-License-Identifier: Apache-2.0
// suppressions.h: findings that a project has looked at and decided to live with.
//
// One rule a line (docs/POLICY.md):
//
//   leak.alive task="pool-*" created=ThirdParty::*   # their pool lives as long as the process, ticket 12
//   leak.blocked function=Cart::* expires=2026-12-31 # ticket 14 is about it
//   leak.alive created=Pool::* at-most=4             # one for each processor of a test machine
//
// A rule names a finding id and may narrow it down; all it says must hold together. Every rule says why.
// Globs are those of fnmatch(3). What a rule has to hold for:
//   - leaks and timeouts (`leak.*`, `hang.*`): every task of the finding, so that a rule for one pool does
//     not hide the stranger that leaked beside it;
//   - everything else: one task of the finding, as a deadlock is over once one of its parties is accepted.
//
// A rule with a date is a quarantine: up to the end of that day (UTC) its findings are shown and fail nothing,
// then they fail again. A rule with a limit accepts as many as it says, at one place or altogether; where there
// are more, it accepts none of them. What one rule does not accept (any more), a later one may.
#ifndef STRAY_ANALYZER_REPORT_SUPPRESSIONS_H_
#define STRAY_ANALYZER_REPORT_SUPPRESSIONS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analyzer/analysis/finding.h"
#include "analyzer/report/calendar_date.h"

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
  std::optional<Date> expires;     // the last day
  std::optional<uint64_t> each;    // at-most=N: the highest Finding::count of one finding
  std::optional<uint64_t> in_all;  // at-most-in-all=N: of all findings together that the rule matches
  bool used = false;
};

class Suppressions {
 public:
  Suppressions() = default;

  // Reads rules from `text`; `name` is the file's name for messages. kInvalidArgument, with name and line,
  // for what is no rule and for a rule without a reason. Rules with a date that is before `today` have run out.
  static absl::StatusOr<Suppressions> Parse(absl::string_view text, absl::string_view name, Date today = {});

  // Sets Finding::suppressed and suppressed_by ("rules.supp:3: the reason"), or quarantine, where a rule
  // accepts it; the first one counts. Where none does, quarantine and exceeded say what those did that match.
  // May be called several times, with all findings of one moment each; rules stay used.
  void Apply(std::vector<Finding>& findings);

  // A sentence for every rule that no finding needed so far.
  std::vector<std::string> Unused() const;

  const std::vector<SuppressionRule>& rules() const { return rules_; }

 private:
  bool HasRunOut(const SuppressionRule& rule) const {
    return rule.expires.has_value() && *rule.expires < today_;
  }
  // `total`: of the counts of all that `rule` matches.
  bool TryAccept(const SuppressionRule& rule, uint64_t total, Finding& finding) const;

  std::vector<SuppressionRule> rules_;
  Date today_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_SUPPRESSIONS_H_
