// SPDX-License-Identifier: Apache-2.0
// task_groups.h: all tasks of a snapshot, those together that do the same: as pprof groups goroutines, but by
// the user code they stand in. Frames of libraries below it may differ.
#ifndef STRAY_ANALYZER_REPORT_TASK_GROUPS_H_
#define STRAY_ANALYZER_REPORT_TASK_GROUPS_H_

#include <vector>

#include "analyzer/analysis/evidence.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// Largest first; among equals the one with the smallest task id. The first task of a group has its stacks; in a
// listing also where it was started, which belongs to what there is to read. Not before the process is
// symbolized.
std::vector<TaskGroup> GroupsOfTasks(const ProcessModel& process, const SnapshotModel& snapshot);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_TASK_GROUPS_H_
