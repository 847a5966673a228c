// SPDX-License-Identifier: Apache-2.0
// task_overview.cc: what every task is doing.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/lock_holders.h"
#include "analyzer/report/names.h"
#include "analyzer/report/page.h"
#include "analyzer/report/read_profile_text.h"
#include "analyzer/report/report.h"
#include "analyzer/report/task_groups.h"
#include "analyzer/report/task_text.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMaxGroups = 100;

void WriteProcess(Page& page, const ProcessModel& process) {
  const SnapshotModel* snapshot = process.LastSnapshot();
  page.Blank();
  if (snapshot == nullptr) {
    page.Paragraph(0,
                   absl::StrCat(ProcessName(process), ": what its tasks are doing is not known (no snapshot)"));
    return;
  }
  const std::vector<TaskGroup> groups = GroupsOfTasks(process, *snapshot);
  page.Paragraph(
      0,
      absl::StrCat(Counted(snapshot->tasks.size(), "task"), " in ", ProcessName(process),
                   groups.size() > 1 ? absl::StrCat(", doing ", groups.size(), " different things") : ""),
      Tone::kStrong);
  if (snapshot->info.unknown_threads() != 0) {
    page.Paragraph(3, absl::StrCat("and ", Counted(snapshot->info.unknown_threads(), "thread"),
                                   " that the agent did not see start"));
  }
  ObjectNames names(process);
  const RecentEvents no_events(process, {});
  const LockHolders holders(process, *snapshot);
  const PeerTable peers(process);
  TaskBlockContext context{process, page, names, holders, no_events, peers, nullptr, {}, {}};
  const size_t shown = std::min(groups.size(), kMaxGroups);
  const TaskStyle style = IsListing(snapshot->info) ? TaskStyle::kListed : TaskStyle::kCompact;
  for (size_t i = 0; i < shown; ++i) WriteTaskGroup(context, groups[i], style);
  if (shown < groups.size()) {
    page.Line(3, absl::StrCat(".. and ", groups.size() - shown, " more groups (a dump holds them all)"));
  }
}

bool IsListed(const ProcessModel& process) {
  return process.LastSnapshot() != nullptr && IsListing(process.LastSnapshot()->info);
}

}  // namespace

std::string ListingOverview(const Model& model, const ReportOptions& options) {
  Page page(options.width, options.color);
  for (const auto& process : model.processes) {
    if (IsListed(*process) && !process->LastSnapshot()->tasks.empty()) WriteProcess(page, *process);
    if (!process->process.log().empty()) WriteProfileSites(page, *process);
  }
  return page.Take();
}

std::string EndedWaitsOverview(const Model& model, const ReportOptions& options) {
  Page page(options.width, options.color);
  for (const auto& process : model.processes) {
    if (process->process.log().empty()) WriteProfileSites(page, *process);
  }
  return page.Take();
}

std::string TaskOverview(const Model& model, const ReportOptions& options) {
  Page page(options.width, options.color);
  for (const auto& process : model.processes) WriteProcess(page, *process);
  return page.Take();
}

}  // namespace stray::analyzer
