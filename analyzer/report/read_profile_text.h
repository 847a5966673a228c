// SPDX-License-Identifier: Apache-2.0
// read_profile_text.h: what is counted by place and not by task, as text: contentions and threads of profiles
// that were read, waits that have ended of a process under the agent.
#ifndef STRAY_ANALYZER_REPORT_READ_PROFILE_TEXT_H_
#define STRAY_ANALYZER_REPORT_READ_PROFILE_TEXT_H_

#include "analyzer/model/model.h"
#include "analyzer/report/page.h"

namespace stray::analyzer {

// The places of each profile of `process`, those with the longest delay first, else those that count most.
void WriteProfileSites(Page& page, const ProcessModel& process);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_READ_PROFILE_TEXT_H_
