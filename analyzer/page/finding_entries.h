// SPDX-License-Identifier: Apache-2.0
// finding_entries.h: the findings of the page: what the text report says of them, with references to tasks,
// objects and stacks.
#ifndef STRAY_ANALYZER_PAGE_FINDING_ENTRIES_H_
#define STRAY_ANALYZER_PAGE_FINDING_ENTRIES_H_

#include <vector>

#include "analyzer/analysis/finding.h"
#include "analyzer/page/page_data.h"
#include "analyzer/page/rows.h"
#include "analyzer/page/tables.h"

namespace stray::analyzer {

// Those that a report shows, numbered as there, then those that a project's policy hides, with number 0.
Json FindingEntries(const Model& model, const std::vector<Finding>& findings, const PageOptions& options,
                    Texts& texts, Stacks& stacks, Rows& rows);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_PAGE_FINDING_ENTRIES_H_
