// SPDX-License-Identifier: Apache-2.0
// suppression_rule.h: the rule to write down for a finding that a project can live with.
#ifndef STRAY_ANALYZER_REPORT_SUPPRESSION_RULE_H_
#define STRAY_ANALYZER_REPORT_SUPPRESSION_RULE_H_

#include <string>

#include "analyzer/analysis/finding.h"

namespace stray::analyzer {

// A line for a file of suppressions.h, as narrow as it can be and still match all of `finding`, with a reason
// that is left to fill in: `leak.blocked function=Queue::Pop created=main  # why: `. "": none would match.
std::string RuleFor(const Finding& finding);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_SUPPRESSION_RULE_H_
