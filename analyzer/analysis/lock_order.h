// SPDX-License-Identifier: Apache-2.0
// lock_order.h: lock-order.cycle, locks taken in orders that can deadlock though this run did not.
//
// Goodlock, for circles of any length. Each record "wanted W while holding H1, H2, ..." gives edges
// Hi -> W, each with all that was held at that moment (its gates) and the tasks that did it. A circle of
// edges is a finding if
//   - its locks are all different, and each edge can be done by another task, all of them at the same time:
//     not one before the other because of creating and joining (life_order.h);
//   - no two of its edges hold a lock in common, unless both only read it: a gate lock lets one in at a time;
//   - each task really has to wait: it did not only try, and it does not want to read what the next one reads.
// A task that reads a lock again which it already reads waits for no reader, but on a lock that prefers
// writers it waits behind a writer that came in between; glibc's default hides that. So recursive reading
// and a writer in another task is a circle of its own.
//
// Circles with the same places are one finding with a count; a circle whose locks include those of a
// shorter finding, or of a deadlock that did happen, says nothing new.
#ifndef STRAY_ANALYZER_ANALYSIS_LOCK_ORDER_H_
#define STRAY_ANALYZER_ANALYSIS_LOCK_ORDER_H_

#include <cstdint>
#include <vector>

#include "analyzer/analysis/evidence.h"
#include "analyzer/analysis/finding.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// `deadlocked`: sets of locks whose order did deadlock in this run (deadlocks.h). `evidence` belongs to the
// same process.
std::vector<Finding> FindLockOrders(const ProcessModel& process, const EvidenceMaker& evidence,
                                    const std::vector<std::vector<uint32_t>>& deadlocked);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_LOCK_ORDER_H_
