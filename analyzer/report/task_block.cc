// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/task_block.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "analyzer/analysis/describe.h"

namespace stray::analyzer {
namespace {

// A misuse or a lock order lies in the past: its stacks are those of then.
bool IsOfThePast(const EvidenceStack& stack) {
  return stack.role != "blocked" && stack.role != "running" && stack.role != "created" &&
         stack.role != "ancestor" && stack.role != "acquired";
}

}  // namespace

bool HasRole(const EvidenceTask& task, absl::string_view role) {
  return std::any_of(task.stacks.begin(), task.stacks.end(),
                     [role](const EvidenceStack& stack) { return stack.role == role; });
}

Span LabelSpan(absl::string_view label) { return {PadRight(label, kLabelWidth - 1) + " ", Tone::kFaint}; }

void WriteLabelled(TaskBlockContext& context, absl::string_view label, absl::string_view text) {
  context.page.Paragraph(kBlockIndent, LabelSpan(label), text);
}

std::string IntroduceObject(TaskBlockContext& context, uint32_t object) {
  const std::string text = context.names.WithKind(object);
  const wire::Object* record = context.process.FindObject(object);
  if (record == nullptr || !context.introduced.insert(object).second || HasOwnName(context.process, *record)) {
    return text;
  }
  const std::string site = PlaceLabel(context.process, record->first_site());
  const bool is_lock = IsLockKind(record->kind());
  return site.empty() ? text : absl::StrCat(text, ", first ", is_lock ? "locked" : "used", " at ", site);
}

bool IsOfSnapshot(const EvidenceTask& task) {
  if (HasRole(task, "blocked") || HasRole(task, "running")) return true;
  return std::none_of(task.stacks.begin(), task.stacks.end(), IsOfThePast) && !HasRole(task, "acquired");
}

bool IsWaiting(const EvidenceTask& task) { return task.state == "blocked" && IsOfSnapshot(task); }

}  // namespace stray::analyzer
