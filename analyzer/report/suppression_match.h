// SPDX-License-Identifier: Apache-2.0
// suppression_match.h: does one rule cover one finding?
#ifndef STRAY_ANALYZER_REPORT_SUPPRESSION_MATCH_H_
#define STRAY_ANALYZER_REPORT_SUPPRESSION_MATCH_H_

#include "analyzer/analysis/finding.h"
#include "analyzer/report/suppressions.h"

namespace stray::analyzer {

// `finding.process` must be set if the finding has tasks or objects.
bool Matches(const SuppressionRule& rule, const Finding& finding);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_SUPPRESSION_MATCH_H_
