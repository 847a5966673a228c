// SPDX-License-Identifier: Apache-2.0
// read_profile_text.h: what profiles count that know nothing of tasks, as text: contentions, threads that were
// created.
#ifndef STRAY_ANALYZER_REPORT_READ_PROFILE_TEXT_H_
#define STRAY_ANALYZER_REPORT_READ_PROFILE_TEXT_H_

#include "analyzer/model/model.h"
#include "analyzer/report/page.h"

namespace stray::analyzer {

// The places of each profile of `process`, those with the longest delay first, else those that count most.
void WriteProfileSites(Page& page, const ProcessModel& process);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_READ_PROFILE_TEXT_H_
