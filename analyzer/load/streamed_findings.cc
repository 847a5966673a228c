// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/streamed_findings.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "analyzer/load/recorded_model.h"

namespace stray::analyzer {
namespace {

class StreamedFindings {
 public:
  StreamedFindings(const StreamedTrace& trace, ProcessModel& process)
      : trace_(trace), process_(process), model_(trace.program, process) {}

  void Run() {
    for (const StreamedRace& race : trace_.races) {
      wire::SanitizerReport& report = process_.sanitizer_reports.emplace_back();
      report.set_kind("data-race");
      report.set_reporter("stray");
      report.set_origin(absl::StrCat("trace:", uint64_t{race.second.event} + 1));
      report.set_similar(race.similar);
      AddAccess(race.second, race.variable, report);
      AddAccess(race.first, race.variable, report);
    }
    model_.AddTasks([this](uint32_t task) -> std::optional<RecordedPlace> {
      if (task >= trace_.forks.size() || trace_.forks[task].callers == StreamedTrace::kNoFork)
        return std::nullopt;
      return trace_.forks[task];
    });
  }

 private:
  void AddAccess(const StreamedAccess& what, const TraceMemory::Variable& variable,
                 wire::SanitizerReport& report) {
    wire::Access* access = report.add_accesses();
    access->set_write(what.writes);
    access->set_task(trace_.program.task_ids[what.place.task]);
    access->set_stack(model_.StackAt(what.place));
    access->set_address(variable.address);
    access->set_size(variable.bytes);
    for (const StreamedAccess::Held& lock : what.held) {
      wire::Held* held = access->add_held();
      held->set_object(model_.lock_objects()[lock.lock]);
      held->set_read(!lock.to_write);
      held->set_count(1);
      held->mutable_site()->set_stack(model_.StackAt(lock.place));
    }
    report.add_tasks(access->task());
  }

  const StreamedTrace& trace_;
  ProcessModel& process_;
  RecordedModel model_;
};

}  // namespace

void AddStreamedFindings(const StreamedTrace& trace, ProcessModel& process) {
  StreamedFindings(trace, process).Run();
}

}  // namespace stray::analyzer
