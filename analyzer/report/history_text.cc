// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/history_text.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/report/recent_events.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMaxEvents = 4;
constexpr size_t kMaxDeeds = 3;

std::string AtSite(const ProcessModel& process, const wire::Site& site) {
  return AtPlace(PlaceLabel(process, site));
}

// "lock of mutex M2 at Cart::Flush (cart.cc:81)".
std::string DeedText(TaskBlockContext& context, const wire::Event& event) {
  std::string whom;
  if (event.task() != 0) {
    whom = TaskLabel(context.process, event.task());
  } else if (event.object() != 0) {
    whom = context.names.WithKind(event.object());
  }
  return absl::StrCat(event.kind(), whom.empty() ? "" : " of ", whom, AtSite(context.process, event.site()));
}

// One line for each run of operations that read the same.
std::vector<std::string> OperationLines(const ProcessModel& process, const std::vector<RecentEvent>& events) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < events.size();) {
    auto text = [&](const RecentEvent& entry) {
      return absl::StrCat(entry.event->kind(), " by ", TaskLabel(process, entry.task),
                          AtSite(process, entry.event->site()));
    };
    const std::string line = text(events[i]);
    size_t times = 1;
    while (i + times < events.size() && text(events[i + times]) == line) ++times;
    lines.push_back(times == 1 ? line : absl::StrCat(line, " (", times, " times)"));
    i += times;
  }
  return lines;
}

}  // namespace

bool HistoryHelps(const ProcessModel& process, const LockHolders& holders, const EvidenceTask& task) {
  if (!IsWaiting(task) || task.waits_for_task != 0) return false;
  const wire::Object* object = process.FindObject(task.object);
  if (object == nullptr || object->kind() == "join" || object->kind() == "fd" || object->kind() == "timer") {
    return false;
  }
  return holders.HoldersOf(task.object).empty() && holders.EndedHolder(task.object).task == 0;
}

void WriteHistory(TaskBlockContext& context, const EvidenceTask& task) {
  if (!HistoryHelps(context.process, context.holders, task)) return;
  const std::vector<RecentEvent> events = context.events.Telling(task.object, kMaxEvents);
  if (events.empty()) return;
  WriteLabelled(
      context, "before",
      absl::StrCat("on ", context.names.Short(task.object), ", oldest first",
                   context.events.HasWake(task.object) ? ":" : "; none that was kept wakes a waiter:"));
  for (const std::string& line : OperationLines(context.process, events)) WriteLabelled(context, "", line);
}

void WriteLastDeeds(TaskBlockContext& context, const EvidenceTask& task) {
  std::vector<const wire::Event*> events = task.recent;
  if (const wire::Task* record = context.process.FindTask(task.task); events.empty() && record != nullptr) {
    for (const wire::Event& event : record->events()) events.push_back(&event);
  }
  const size_t first = events.size() - std::min(kMaxDeeds, events.size());
  for (size_t i = first; i < events.size(); ++i) {
    WriteLabelled(context, i == first ? "last did" : "", DeedText(context, *events[i]));
  }
}

}  // namespace stray::analyzer
