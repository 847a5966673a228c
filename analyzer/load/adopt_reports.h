// SPDX-License-Identifier: Apache-2.0
// adopt_reports.h: what a sanitizer in a watched process has printed, as a part of what its agent has recorded.
//
// The text knows tasks and mutexes by the sanitizer's own numbers. Here they become those of the process: a
// thread by the kernel's id, a goroutine by the name that the runtime gives its fiber, a mutex by its address.
#ifndef STRAY_ANALYZER_LOAD_ADOPT_REPORTS_H_
#define STRAY_ANALYZER_LOAD_ADOPT_REPORTS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "analyzer/load/report_tasks.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// Adds the reports in `log`, which are all about `process`, with the code, tasks and objects that they need.
// Neither has to be indexed; `process` is not afterwards.
void AdoptReports(ProcessModel log, ProcessModel& process);

// The same for text as it was printed, and what the agent knew of tasks when it was. What is wrong with the
// text is added to `damage`, with `name` in front.
void AdoptPrints(absl::string_view text, const std::vector<TaskHistory>& histories, const std::string& name,
                 ProcessModel& process, std::vector<std::string>& damage);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_ADOPT_REPORTS_H_
