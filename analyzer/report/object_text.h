// SPDX-License-Identifier: Apache-2.0
// object_text.h: one object for people: what state it is in, who holds it, who waits for it and who uses it.
//
//   channel Ch7  3 of 10 queued
//     waits    2 tasks, the longest for 2.1 s
//              T4 "consumer"  2.1 s  chan receive  at Consume (cart.cc:12)
//     users    T5 received from it 3 times, first at Consume (cart.cc:12), has ended
//     made     by main at Serve (main.cc:20)
#ifndef STRAY_ANALYZER_REPORT_OBJECT_TEXT_H_
#define STRAY_ANALYZER_REPORT_OBJECT_TEXT_H_

#include <cstdint>
#include <string>

#include "analyzer/analysis/lock_holders.h"
#include "analyzer/model/model.h"
#include "analyzer/report/report.h"

namespace stray::analyzer {

// "held by T3 "writer"", "read by 3 tasks", "free", "3 of 10 queued, closed", "unbuffered", "destroyed"; "":
// there is nothing to say of its kind. `holders` are those of the snapshot.
std::string ObjectStateText(const ProcessModel& process, const SnapshotModel& snapshot,
                            const LockHolders& holders, const wire::Object& object);

// All that is known of it at the moment of the snapshot. Ends with a newline.
std::string ObjectReport(const ProcessModel& process, const SnapshotModel& snapshot, uint32_t object,
                         const ReportOptions& options);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_OBJECT_TEXT_H_
