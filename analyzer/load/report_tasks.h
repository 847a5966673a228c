// SPDX-License-Identifier: Apache-2.0
// report_tasks.h: what the agent knew of the tasks of a sanitizer's report when it was printed.
#ifndef STRAY_ANALYZER_LOAD_REPORT_TASKS_H_
#define STRAY_ANALYZER_LOAD_REPORT_TASKS_H_

#include <cstddef>
#include <vector>

#include "absl/strings/string_view.h"
#include "agent/wire/dump.pb.h"
#include "analyzer/load/black_box_bytes.h"
#include "analyzer/load/box_records.h"

namespace stray::analyzer {

struct TaskHistory {
  size_t line = 0;  // of the text of all reports, from 1: where the task is named
  wire::ReportTask task;
};

// In the order of lines. `text` is all that the sanitizer has printed. Objects of the goroutine runtime that
// only such a task knows are added to `objects`.
std::vector<TaskHistory> ReadReportTasks(const BlackBoxBytes& box, BoxRecords& records, absl::string_view text,
                                         std::vector<wire::Object>& objects);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_REPORT_TASKS_H_
