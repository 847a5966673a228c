// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/confirm/occurrence.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace stray::analyzer {

Occurrence::Place Occurrence::PlaceAt(const ProcessModel& process, uint64_t address) {
  Place place;
  const wire::Frame* frame = process.FrameAt(address);
  if (frame == nullptr) return place;
  const wire::Module* module = process.FindModule(frame->module());
  if (module != nullptr)
    place.offset = absl::StrCat(module->path(), " ", module->build_id(), " ", frame->offset());
  for (const wire::Location& location : frame->locations()) {
    if (location.line() != 0)
      absl::StrAppend(&place.line, location.function(), " ", location.file(), ":", location.line(), "\n");
  }
  return place;
}

Occurrence::Place Occurrence::TopOf(const ProcessModel& process, uint32_t stack) {
  const wire::Stack* known = process.FindStack(stack);
  return known == nullptr || known->addresses().empty() ? Place() : PlaceAt(process, known->addresses(0));
}

Occurrence::Occurrence(const Finding& predicted) : is_deadlock_(predicted.id == "deadlock.predicted") {
  const ProcessModel& process = *predicted.process;
  const wire::SanitizerReport& report = *predicted.reported->shown;
  for (const wire::LockStep& step : report.steps())
    places_.push_back(TopOf(process, step.wanted().site().stack()));
  if (is_deadlock_) return;
  for (const wire::Access& access : report.accesses()) places_.push_back(TopOf(process, access.stack()));
}

const Finding* Occurrence::FindIn(const std::vector<Finding>& findings) const {
  const auto found = std::find_if(findings.begin(), findings.end(), [this](const Finding& finding) {
    return is_deadlock_ ? IsThatDeadlock(finding) : IsThatRace(finding);
  });
  return found == findings.end() ? nullptr : &*found;
}

bool Occurrence::IsThatRace(const Finding& finding) const {
  if (finding.id != "race.data" || !finding.reported.has_value() || places_.size() != 2) return false;
  const wire::SanitizerReport& report = *finding.reported->shown;
  if (report.accesses_size() != 2) return false;
  const Place a = TopOf(*finding.process, report.accesses(0).stack());
  const Place b = TopOf(*finding.process, report.accesses(1).stack());
  return (a.IsSame(places_[0]) && b.IsSame(places_[1])) || (a.IsSame(places_[1]) && b.IsSame(places_[0]));
}

bool Occurrence::WaitsAt(const ProcessModel& process, const EvidenceTask& task, const Place& place) {
  return std::any_of(task.stacks.begin(), task.stacks.end(), [&](const EvidenceStack& stack) {
    return stack.role == "blocked" &&
           std::any_of(stack.addresses.begin(), stack.addresses.end(),
                       [&](uint64_t address) { return PlaceAt(process, address).IsSame(place); });
  });
}

// Each of the places has a task of its own that waits there.
bool Occurrence::IsThatDeadlock(const Finding& finding) const {
  if (finding.id != "deadlock.cycle" && finding.id != "deadlock.self" && finding.id != "deadlock.all")
    return false;
  std::vector<const EvidenceTask*> left;
  for (const TaskGroup& group : finding.groups) {
    for (const EvidenceTask& task : group.tasks) left.push_back(&task);
  }
  return std::all_of(places_.begin(), places_.end(), [&](const Place& place) {
    const auto waits = std::find_if(left.begin(), left.end(), [&](const EvidenceTask* task) {
      return WaitsAt(*finding.process, *task, place);
    });
    if (waits == left.end()) return false;
    left.erase(waits);
    return true;
  });
}

}  // namespace stray::analyzer
