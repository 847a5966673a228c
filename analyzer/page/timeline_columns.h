// SPDX-License-Identifier: Apache-2.0
// timeline_columns.h: what tasks did when, as columns of the page.
#ifndef STRAY_ANALYZER_PAGE_TIMELINE_COLUMNS_H_
#define STRAY_ANALYZER_PAGE_TIMELINE_COLUMNS_H_

#include "analyzer/page/rows.h"
#include "analyzer/page/tables.h"

namespace stray::analyzer {

// When the first process that has a timeline began, of the machine's clock.
uint64_t TimelineZero(const Model& model);

// Of all processes that have a timeline, on one clock that begins with the first of them; null: none has.
Json TimelineJson(const Model& model, Texts& texts, Stacks& stacks, Rows& rows);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_PAGE_TIMELINE_COLUMNS_H_
