// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/task_text.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/duration_text.h"
#include "analyzer/analysis/report_words.h"
#include "analyzer/analysis/wait_words.h"
#include "analyzer/report/history_text.h"
#include "analyzer/report/label_text.h"
#include "analyzer/report/race_text.h"
#include "analyzer/report/stack_text.h"
#include "analyzer/report/wait_text.h"

namespace stray::analyzer {
namespace {

constexpr size_t kHeaderIndent = 3;
constexpr size_t kChainFrames = 3;
constexpr size_t kAncestors = 3;   // shown, of those that are kept
constexpr size_t kNarrowest = 40;  // a stack is not squeezed below that, however narrow the page

// "blocked for 1.9 to 2.0 s in pthread_mutex_lock", "running". What a task does in the snapshot says nothing
// about what it did before: of such a task only that it has ended is told.
std::string StateText(const ProcessModel& process, const TaskGroup& group) {
  const EvidenceTask& first = group.tasks.front();
  if (first.access.has_value()) {
    const bool frees = HasRole(first, "free");
    return absl::StrCat(frees ? "frees it" : AccessText(*first.access),
                        first.state == "finished" ? ", has ended since" : "");
  }
  if (!IsOfSnapshot(first)) return first.state == "finished" ? "has ended since" : "";
  if (first.state != "blocked") return first.state;
  uint64_t low = first.wait_ns;
  uint64_t high = first.wait_ns;
  for (const EvidenceTask& task : group.tasks) {
    low = std::min(low, task.wait_ns);
    high = std::max(high, task.wait_ns);
  }
  // A text tells the age of the older ones only.
  const bool is_listed = process.LastSnapshot() != nullptr && IsListing(process.LastSnapshot()->info);
  if (is_listed && low == 0 && high != 0) {
    return absl::StrCat("blocked, the longest for ", DurationText(high),
                        first.wait_reason.empty() ? "" : ", in ", first.wait_reason);
  }
  return absl::StrCat("blocked", low == 0 ? "" : " for ", low == 0 ? "" : DurationRangeText(low, high),
                      first.wait_reason.empty() ? "" : " in ", first.wait_reason,
                      IsAmbiguous(first.wait_reason) && first.waits_on == "fd" ? " on descriptors" : "");
}

absl::string_view LabelOf(absl::string_view role) {
  constexpr std::pair<absl::string_view, absl::string_view> kLabels[] = {
      {"blocked", "at"},    {"misuse", "at"},         {"running", "at"},
      {"wanted", "at"},     {"acquired", "taken at"}, {"waiting", "waits at"},
      {"joined", "joined"}, {"detached", "detached"}, {"destroyed", "ended at"},
  };
  for (const auto& [known, label] : kLabels) {
    if (known == role) return label;
  }
  if (IsRoleOfAccess(role)) return "at";
  return role;
}

// The call that the header, or what the finding is about, has named already.
absl::string_view KnownCall(const EvidenceTask& task, const EvidenceStack& stack) {
  return stack.role == "wanted" ? "pthread_mutex_lock" : absl::string_view(task.wait_reason);
}

// How a lock was taken stands behind the lock, where there is a line for it.
bool IsToldByHeld(const ProcessModel& process, const EvidenceTask& task, const EvidenceStack& stack) {
  if (stack.role != "acquired") return false;
  return std::any_of(task.held.begin(), task.held.end(), [&](const EvidenceHeld& held) {
    const wire::Stack* record = process.FindStack(held.site.stack());
    if (record == nullptr) return stack.addresses == std::vector<uint64_t>{held.site.address()};
    return std::equal(stack.addresses.begin(), stack.addresses.end(), record->addresses().begin(),
                      record->addresses().end());
  });
}

void WriteFrames(TaskBlockContext& context, const EvidenceTask& task, const EvidenceStack& stack) {
  StackStyle style;
  const size_t left = kBlockIndent + kLabelWidth;
  style.width = std::max(context.page.width(), left + kNarrowest) - left;
  style.sources = context.sources;
  style.known_call = KnownCall(task, stack);
  bool first = true;
  for (std::vector<Span>& line : StackLines(context.process, stack, style)) {
    line.insert(line.begin(), LabelSpan(first ? LabelOf(stack.role) : ""));
    context.page.Line(kBlockIndent, line);
    first = false;
  }
}

void WriteStack(TaskBlockContext& context, const EvidenceTask& task, const EvidenceStack& stack,
                TaskStyle style) {
  if (IsToldByHeld(context.process, task, stack)) return;
  const bool is_chain = style != TaskStyle::kFull || stack.role == "acquired";
  if (!is_chain) {
    WriteFrames(context, task, stack);
  } else if (!stack.addresses.empty() || stack.missing) {
    WriteLabelled(context, LabelOf(stack.role), StackChain(context.process, stack, kChainFrames));
  }
}

// The test that all of them belong to; "": none, or not the same.
std::string TestOf(const ProcessModel& process, const TaskGroup& group) {
  std::string test;
  for (const EvidenceTask& task : group.tasks) {
    const wire::Task* record = process.FindTask(task.task);
    if (record == nullptr || (!test.empty() && test != record->test())) return "";
    test = record->test();
  }
  return test;
}

void WriteCreation(TaskBlockContext& context, const EvidenceTask& task, const EvidenceStack& stack) {
  const wire::Task* record = context.process.FindTask(task.task);
  const bool known_parent = record != nullptr && record->parent() != 0;
  const std::string by =
      known_parent ? absl::StrCat("by ", TaskLabel(context.process, record->parent()), " ") : "";
  WriteLabelled(
      context, "started",
      absl::StrCat(by, stack.addresses.empty() ? "" : "at ", StackChain(context.process, stack, kChainFrames)));
}

// Where the creator was created: it may have ended long ago.
void WriteAncestors(TaskBlockContext& context, const EvidenceTask& task) {
  size_t told = 0, left = 0;
  for (const EvidenceStack& stack : task.stacks) {
    if (stack.role != "ancestor") continue;
    if (told == kAncestors) {
      ++left;
      continue;
    }
    ++told;
    WriteLabelled(context, told == 1 ? "creator" : "",
                  absl::StrCat(told == 1 ? "" : "whose creator was ", "started at ",
                               StackChain(context.process, stack, kChainFrames)));
  }
  if (left > 0) WriteLabelled(context, "", absl::StrCat("and ", left, " more before"));
}

}  // namespace

void WriteTaskHeader(TaskBlockContext& context, const TaskGroup& group, absl::string_view addition) {
  std::vector<uint32_t> ids;
  ids.reserve(group.tasks.size());
  for (const EvidenceTask& task : group.tasks) ids.push_back(task.task);
  const bool one = ids.size() == 1;
  const std::string who =
      one ? TaskLabel(context.process, ids.front()) : Counted(ids.size(), TaskNoun(context.process, ids));
  context.page.Paragraph(kHeaderIndent, {absl::StrCat(who, "  "), Tone::kStrong},
                         absl::StrCat(StateText(context.process, group), addition));
  const std::string names = one ? "" : TaskList(context.process, ids);
  if (!names.empty()) WriteLabelled(context, "tasks", names);
}

void WriteTaskGroup(TaskBlockContext& context, const TaskGroup& group, TaskStyle style) {
  const EvidenceTask& task = group.tasks.front();
  WriteTaskHeader(context, group, "");
  WriteHeld(context, task);
  WriteWanted(context, group);
  bool missing = false;
  for (const EvidenceStack& stack : task.stacks) {
    if (stack.role == "created" || stack.role == "ancestor") continue;
    missing = missing || stack.missing;
    WriteStack(context, task, stack, style);
  }
  if (missing || !task.recent.empty()) WriteLastDeeds(context, task);
  if (style == TaskStyle::kCompact) return;
  WriteHistory(context, task);
  if (const std::string test = TestOf(context.process, group); !test.empty())
    WriteLabelled(context, "test", test);
  if (const std::string labels = LabelText(context.process, group); !labels.empty())
    WriteLabelled(context, "labels", labels);
  for (const EvidenceStack& stack : task.stacks) {
    if (stack.role == "created") WriteCreation(context, task, stack);
  }
  WriteAncestors(context, task);
}

}  // namespace stray::analyzer
