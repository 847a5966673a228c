// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/task_report.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/evidence.h"
#include "analyzer/analysis/lock_holders.h"
#include "analyzer/report/finding_text.h"
#include "analyzer/report/names.h"
#include "analyzer/report/page.h"
#include "analyzer/report/recent_events.h"
#include "analyzer/report/source_lines.h"
#include "analyzer/report/task_text.h"

namespace stray::analyzer {

std::string TaskReport(const ProcessModel& process, const SnapshotModel& snapshot, uint32_t task,
                       const ReportOptions& options) {
  Page page(options.width, options.color);
  const wire::TaskState* state = snapshot.Find(task);
  if (state == nullptr) {
    page.Line(0, absl::StrCat(TaskLabel(process, task), " is not in this snapshot"));
    return page.Take();
  }
  EvidenceTask evidence = TaskEvidence(process, *state);
  evidence.stacks = EvidenceMaker(process, &snapshot).StacksOf(*state);
  TaskGroup group;
  group.tasks.push_back(std::move(evidence));
  absl::flat_hash_set<uint32_t> objects;
  if (state->object() != 0) objects.insert(state->object());
  ObjectNames names(process);
  const RecentEvents events(process, objects);
  const LockHolders holders(process, snapshot);
  const PeerTable peers(process);
  SourceLines sources;
  TaskBlockContext context{
      process, page, names, holders, events, peers, options.source_lines ? &sources : nullptr, {}, {}};
  WriteTaskGroup(context, group, TaskStyle::kFull);
  WriteObjects(context);
  return page.Take();
}

}  // namespace stray::analyzer
