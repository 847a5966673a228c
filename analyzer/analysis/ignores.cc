// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/ignores.h"

#include <fnmatch.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analyzer/analysis/frames.h"

namespace stray::analyzer {
namespace {

constexpr bool kForeign = true;
constexpr bool kShared = false;

constexpr IgnoreEntry kEntries[] = {
#define STRAY_IGNORE(library, conditions, runs, reason) {library, conditions, runs, reason},
#include "analyzer/analysis/default_ignores.inc"
#undef STRAY_IGNORE
};

// What the conditions look at.
struct Origin {
  std::string name;
  std::string start;
  std::string start_module;
  std::vector<std::string> created;
  std::string created_module;
  std::string misuse;
  bool kernel_only = false;
  bool sanitizer = false;
};

struct Condition {
  std::string field;
  std::string pattern;  // empty: the field is a flag
};

// Splits "name=dconf worker start=f" at the spaces before a field, so that patterns may hold spaces.
std::vector<Condition> ParseConditions(absl::string_view text) {
  std::vector<Condition> conditions;
  while (!text.empty()) {
    const size_t space = text.find(' ');
    const absl::string_view word = text.substr(0, space);
    const size_t equals = word.find('=');
    const bool is_flag = word == "kernel_only" || word == "sanitizer";
    if (equals != absl::string_view::npos) {
      conditions.push_back({std::string(word.substr(0, equals)), std::string(word.substr(equals + 1))});
    } else if (is_flag || conditions.empty()) {
      conditions.push_back({std::string(word), ""});
    } else {
      absl::StrAppend(&conditions.back().pattern, " ", word);
    }
    text.remove_prefix(space == absl::string_view::npos ? text.size() : space + 1);
  }
  return conditions;
}

bool Matches(const std::string& pattern, const std::string& text) {
  return !text.empty() && fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

bool Holds(const Condition& condition, const Origin& origin) {
  if (condition.field == "name") return Matches(condition.pattern, origin.name);
  if (condition.field == "start") return Matches(condition.pattern, origin.start);
  if (condition.field == "start_module") return Matches(condition.pattern, origin.start_module);
  if (condition.field == "created_module") return Matches(condition.pattern, origin.created_module);
  if (condition.field == "misuse") return Matches(condition.pattern, origin.misuse);
  if (condition.field == "kernel_only") return origin.kernel_only;
  if (condition.field == "sanitizer") return origin.sanitizer;
  return condition.field == "created" &&
         std::any_of(origin.created.begin(), origin.created.end(),
                     [&](const std::string& function) { return Matches(condition.pattern, function); });
}

const std::vector<std::vector<Condition>>& ParsedEntries() {
  static const auto* const parsed = [] {
    auto* all = new std::vector<std::vector<Condition>>;
    for (const IgnoreEntry& entry : kEntries) all->push_back(ParseConditions(entry.conditions));
    return all;
  }();
  return *parsed;
}

Origin OriginOf(const ProcessModel& process, uint32_t id, const wire::TaskState* state) {
  Origin origin;
  origin.kernel_only = state != nullptr && state->kernel_only();
  origin.sanitizer = process.process.sanitizer();
  const wire::Task* task = process.FindTask(id);
  if (task == nullptr) return origin;
  origin.name = task->name();
  if (task->start_routine() != 0) {
    origin.start_module = std::string(ModuleName(ModuleAt(process, task->start_routine())));
    const wire::Frame* frame = process.FrameAt(task->start_routine());
    if (frame != nullptr && frame->locations_size() > 0) origin.start = frame->locations(0).function();
  }
  const wire::Stack* stack = process.FindStack(task->create_stack());
  if (stack == nullptr) return origin;
  const std::vector<FrameView> frames = ExpandFrames(process, stack->addresses());
  for (const FrameView& frame : frames) {
    if (frame.location != nullptr) origin.created.push_back(frame.location->function());
    if (origin.created_module.empty() && frame.role == FrameRole::kUser) {
      origin.created_module = std::string(ModuleName(frame.module));
    }
  }
  return origin;
}

bool IsAboutMisuse(const std::vector<Condition>& conditions) {
  return std::any_of(conditions.begin(), conditions.end(),
                     [](const Condition& condition) { return condition.field == "misuse"; });
}

const IgnoreEntry* FirstMatch(const Origin& origin) {
  const auto& parsed = ParsedEntries();
  for (size_t i = 0; i < parsed.size(); ++i) {
    const auto& conditions = parsed[i];
    if (IsAboutMisuse(conditions) == origin.misuse.empty()) continue;
    const bool all = std::all_of(conditions.begin(), conditions.end(),
                                 [&](const Condition& condition) { return Holds(condition, origin); });
    if (all) return &kEntries[i];
  }
  return nullptr;
}

}  // namespace

absl::Span<const IgnoreEntry> DefaultIgnores() { return absl::MakeConstSpan(kEntries); }

std::string DefaultIgnoresText() {
  std::string text;
  for (const IgnoreEntry& entry : kEntries) {
    absl::StrAppend(&text,
                    absl::StrFormat("%-15s %s\n%16s%s\n", entry.library, entry.conditions, "", entry.reason));
  }
  return text;
}

const IgnoreEntry* IgnoreFinder::Find(const wire::Misuse& misuse) const {
  Origin origin = OriginOf(process_, misuse.task(), nullptr);
  origin.misuse = misuse.kind();
  return FirstMatch(origin);
}

const IgnoreEntry* IgnoreFinder::Find(uint32_t id, const wire::TaskState* state) {
  const wire::Task* task = process_.FindTask(id);
  if (task != nullptr && task->main()) return nullptr;
  const bool kernel_only = state != nullptr && state->kernel_only();
  std::string key = absl::StrCat(kernel_only ? 1 : 0);
  if (task != nullptr)
    absl::StrAppend(&key, " ", task->start_routine(), " ", task->create_stack(), " ", task->name());
  auto [it, is_new] = known_.try_emplace(std::move(key), nullptr);
  if (is_new) it->second = FirstMatch(OriginOf(process_, id, state));
  return it->second;
}

}  // namespace stray::analyzer
