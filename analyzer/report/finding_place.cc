// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/finding_place.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "analyzer/analysis/evidence.h"

namespace stray::analyzer {
namespace {

bool HasFile(const FrameView& view) { return view.location != nullptr && !view.location->file().empty(); }

// The first stack whose role is "created" or is not.
std::optional<FrameView> PlaceAmong(const Finding& finding, bool created) {
  for (const TaskGroup& group : finding.groups) {
    for (const EvidenceTask& task : group.tasks) {
      for (const EvidenceStack& stack : task.stacks) {
        if ((stack.role == "created") != created || stack.addresses.empty()) continue;
        if (std::optional<FrameView> view = PlaceOfStack(*finding.process, stack)) return view;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<FrameView> PlaceOfStack(const ProcessModel& process, const EvidenceStack& stack) {
  const std::optional<FrameView> top = TopUserFrame(process, stack.addresses);
  if (top.has_value() && HasFile(*top)) return top;
  for (const FrameView& view : ExpandFrames(process, stack.addresses)) {
    if (view.role == FrameRole::kUser && HasFile(view)) return view;
  }
  return top;
}

std::optional<FrameView> PlaceOf(const Finding& finding) {
  if (finding.process == nullptr) return std::nullopt;
  std::optional<FrameView> place = PlaceAmong(finding, false);
  return place.has_value() ? place : PlaceAmong(finding, true);
}

std::optional<SourcePlace> SourceOf(const std::optional<FrameView>& view) {
  if (!view.has_value() || !HasFile(*view)) return std::nullopt;
  return SourcePlace{view->location->file(), view->location->line()};
}

std::vector<std::string> TestsOf(const Finding& finding) {
  std::vector<std::string> tests;
  if (finding.process == nullptr) return tests;
  absl::flat_hash_set<std::string> seen;
  for (uint32_t task : TaskIds(finding.groups)) {
    const wire::Task* record = finding.process->FindTask(task);
    if (record == nullptr || record->test().empty()) continue;
    if (seen.insert(record->test()).second) tests.push_back(record->test());
  }
  return tests;
}

std::string TestsText(const Finding& finding) {
  const std::vector<std::string> tests = TestsOf(finding);
  if (tests.empty()) return "";
  return tests.size() == 1 ? tests.front() : absl::StrCat(tests.front(), " and ", tests.size() - 1, " more");
}

std::string PathBelow(absl::string_view root, absl::string_view path) {
  absl::ConsumePrefix(&path, "./");
  absl::ConsumeSuffix(&root, "/");
  if (root.empty() || !absl::StartsWith(path, root)) return std::string(path);
  absl::string_view rest = path.substr(root.size());
  return absl::ConsumePrefix(&rest, "/") ? std::string(rest) : std::string(path);
}

}  // namespace stray::analyzer
