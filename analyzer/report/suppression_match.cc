// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/suppression_match.h"

#include <fnmatch.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "analyzer/analysis/frames.h"

namespace stray::analyzer {
namespace {

bool Glob(const std::string& pattern, const std::string& text) {
  return fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

// A pattern without a slash is meant for the last part of the path.
bool GlobPath(const std::string& pattern, const std::string& path) {
  if (Glob(pattern, path)) return true;
  const size_t slash = path.rfind('/');
  return !absl::StrContains(pattern, "/") && slash != std::string::npos &&
         Glob(pattern, path.substr(slash + 1));
}

bool FunctionMatches(const std::string& pattern, const FrameView& frame) {
  if (Glob(pattern, DisplayName(frame))) return true;
  return frame.location != nullptr && Glob(pattern, frame.location->function());
}

bool FileMatches(const std::string& pattern, const FrameView& frame) {
  return frame.location != nullptr && GlobPath(pattern, frame.location->file());
}

// What a task did, as opposed to where it came from: all its stacks but the one of its creation, and the
// places where it took what it holds.
std::vector<FrameView> FramesOfActions(const ProcessModel& process, const EvidenceTask& task) {
  std::vector<FrameView> frames;
  auto add = [&](absl::Span<const uint64_t> addresses) {
    for (const FrameView& frame : ExpandFrames(process, addresses)) frames.push_back(frame);
  };
  for (const EvidenceStack& stack : task.stacks) {
    if (stack.role != "created") add(stack.addresses);
  }
  for (const EvidenceHeld& held : task.held) {
    if (const wire::Stack* stack = process.FindStack(held.site.stack()); stack != nullptr) {
      add(absl::MakeConstSpan(stack->addresses().data(), static_cast<size_t>(stack->addresses_size())));
    } else if (held.site.address() != 0) {
      add({held.site.address()});
    }
  }
  return frames;
}

bool StacksMatch(const SuppressionRule& rule, const ProcessModel& process, const EvidenceTask& task) {
  if (!rule.function.empty() || !rule.file.empty()) {
    const std::vector<FrameView> frames = FramesOfActions(process, task);
    auto any = [&](const std::string& pattern, auto matches) {
      return pattern.empty() ||
             std::any_of(frames.begin(), frames.end(), [&](const FrameView& f) { return matches(pattern, f); });
    };
    if (!any(rule.function, FunctionMatches) || !any(rule.file, FileMatches)) return false;
  }
  if (rule.created.empty()) return true;
  for (const EvidenceStack& stack : task.stacks) {
    if (stack.role != "created") continue;
    for (const FrameView& frame : ExpandFrames(process, stack.addresses)) {
      if (FunctionMatches(rule.created, frame) || FileMatches(rule.created, frame)) return true;
    }
  }
  return false;
}

bool TaskNameMatches(const SuppressionRule& rule, const ProcessModel& process, const EvidenceTask& task) {
  if (rule.task.empty()) return true;
  const wire::Task* record = process.FindTask(task.task);
  if (record == nullptr) return false;
  return Glob(rule.task, record->name()) || (record->main() && Glob(rule.task, "main"));
}

bool ObjectMatches(const SuppressionRule& rule, const Finding& finding) {
  if (rule.object.empty()) return true;
  auto matches = [&](uint32_t id) {
    const wire::Object* object = finding.process->FindObject(id);
    return object != nullptr && Glob(rule.object, object->name());
  };
  if (std::any_of(finding.objects.begin(), finding.objects.end(), matches)) return true;
  if (finding.reported.has_value()) {
    for (const wire::MemoryPlace& place : finding.reported->shown->places()) {
      const bool is_named = !place.name().empty();
      if (is_named && (Glob(rule.object, place.name()) || Glob(rule.object, DisplayName(place.name()))))
        return true;
    }
  }
  for (const TaskGroup& group : finding.groups) {
    for (const EvidenceTask& task : group.tasks) {
      if (matches(task.object)) return true;
      for (const EvidenceHeld& held : task.held) {
        if (matches(held.object)) return true;
      }
    }
  }
  return false;
}

bool NeedsEveryTask(absl::string_view id) {
  return absl::StartsWith(id, "leak.") || absl::StartsWith(id, "hang.");
}

}  // namespace

bool Matches(const SuppressionRule& rule, const Finding& finding) {
  if (!Glob(rule.id, finding.id) || !ObjectMatches(rule, finding)) return false;
  const bool about_tasks =
      !rule.function.empty() || !rule.file.empty() || !rule.task.empty() || !rule.created.empty();
  if (!about_tasks) return true;
  const bool every = NeedsEveryTask(finding.id);
  bool any = false;
  std::vector<const TaskGroup*> groups;
  for (const TaskGroup& group : finding.groups) groups.push_back(&group);
  // A rule that accepts a leak says nothing of those that are stuck behind it.
  for (const TaskGroup& group : finding.consequences) {
    if (every) groups.push_back(&group);
  }
  for (const TaskGroup* of_alike : groups) {
    const TaskGroup& group = *of_alike;
    // The stacks of a group are the same, so they are looked at once.
    const bool stacks_match = !group.tasks.empty() && StacksMatch(rule, *finding.process, group.tasks.front());
    for (const EvidenceTask& task : group.tasks) {
      const bool matches = stacks_match && TaskNameMatches(rule, *finding.process, task);
      if (every && !matches) return false;
      any = any || matches;
    }
  }
  return any;
}

}  // namespace stray::analyzer
