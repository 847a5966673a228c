// SPDX-License-Identifier: Apache-2.0
// task_verdicts.h: what the findings say of single tasks.
#ifndef STRAY_ANALYZER_REPORT_TASK_VERDICTS_H_
#define STRAY_ANALYZER_REPORT_TASK_VERDICTS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "analyzer/analysis/finding.h"

namespace stray::analyzer {

struct TaskVerdict {
  std::string id;      // of the most important leak, deadlock or hang that it is part of; "": of none
  bool stuck = false;  // proved: nothing can ever wake it
};

class TaskVerdicts {
 public:
  // Suppressed findings do not count: somebody has decided that these tasks are in order.
  explicit TaskVerdicts(const std::vector<Finding>& findings);

  const TaskVerdict& Of(const ProcessModel& process, uint32_t task) const;

 private:
  void Add(const Finding& finding, const std::vector<TaskGroup>& groups);

  absl::flat_hash_map<std::pair<const ProcessModel*, uint32_t>, TaskVerdict> by_task_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_TASK_VERDICTS_H_
