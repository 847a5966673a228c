// SPDX-License-Identifier: Apache-2.0
// listed.h: what a text that lists tasks says of them, as findings.
//
// A listing is no picture of a whole program: others may run that it does not name, and it does not say who
// holds or reaches what. So nothing is concluded from how tasks wait. What is reported is what the text says
// itself, and what follows from its words alone:
//
//   deadlock.all   proved   Go's runtime says that all goroutines are asleep
//   leak.blocked   proved   Go's collector has marked it "(leaked)", or it is in a goroutineleak profile
//   leak.blocked   proved   it waits for a nil channel, or in a select without cases: nothing can end that. But
//   for
//                           main, which a server lets sleep like that on purpose.
//   leak.alive     likely   a leak test found it when its test had ended
#ifndef STRAY_ANALYZER_ANALYSIS_LISTED_H_
#define STRAY_ANALYZER_ANALYSIS_LISTED_H_

#include <vector>

#include "analyzer/analysis/finding.h"
#include "analyzer/analysis/proof.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// `snapshot` is a listing of `process`; both must outlive the findings.
std::vector<Finding> FindListed(const ProcessModel& process, const SnapshotModel& snapshot);

// The steps for one of these.
void ProveListed(const Finding& finding, Proof& proof);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_LISTED_H_
