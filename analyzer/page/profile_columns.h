// SPDX-License-Identifier: Apache-2.0
// profile_columns.h: what is counted by place and not by task, as columns of the page: waits that have ended,
// contentions and threads of profiles that were read.
#ifndef STRAY_ANALYZER_PAGE_PROFILE_COLUMNS_H_
#define STRAY_ANALYZER_PAGE_PROFILE_COLUMNS_H_

#include "analyzer/page/tables.h"

namespace stray::analyzer {

// A list of profiles, those of one process side by side.
Json ProfilesJson(const Model& model, Texts& texts, Stacks& stacks);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_PAGE_PROFILE_COLUMNS_H_
