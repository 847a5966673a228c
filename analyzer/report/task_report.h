// SPDX-License-Identifier: Apache-2.0
// task_report.h: one task of a snapshot by itself, as a finding would show it.
#ifndef STRAY_ANALYZER_REPORT_TASK_REPORT_H_
#define STRAY_ANALYZER_REPORT_TASK_REPORT_H_

#include <cstdint>
#include <string>

#include "analyzer/model/model.h"
#include "analyzer/report/report.h"

namespace stray::analyzer {

// Its stacks frame by frame, what it holds and waits for, who has started it, and the objects that these lines
// name. Ends with a newline.
std::string TaskReport(const ProcessModel& process, const SnapshotModel& snapshot, uint32_t task,
                       const ReportOptions& options);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_TASK_REPORT_H_
