// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/describe.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "agent/wire/goroutine_records.h"

namespace stray::analyzer {
namespace {

absl::string_view LastPart(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? path : path.substr(slash + 1);
}

// Threads inherit the name of the program, cut to 15 characters: then it says nothing.
bool IsInheritedName(const ProcessModel& process, absl::string_view name) {
  return name == LastPart(process.process.program()).substr(0, 15) ||
         name == absl::string_view(process.process.invoked_name()).substr(0, 15);
}

absl::string_view LetterOf(absl::string_view kind) {
  constexpr std::pair<absl::string_view, absl::string_view> kLetters[] = {
      {"mutex", "M"},    {"rwlock", "R"},    {"condition", "C"},  {"semaphore", "S"}, {"barrier", "B"},
      {"once", "O"},     {"join", "J"},      {"channel", "Ch"},   {"futex", "F"},     {"fd", "D"},
      {"timer", "Time"}, {"spin lock", "L"}, {"wait group", "W"},
  };
  for (const auto& [word, letter] : kLetters) {
    if (word == kind) return letter;
  }
  return "X";
}

}  // namespace

std::string TaskLabel(const ProcessModel& process, uint32_t task) {
  if (task == 0) return "a task";
  const wire::Task* record = process.FindTask(task);
  if (record != nullptr && record->main()) return "main";
  if (record != nullptr && record->made_up())
    return record->name().empty() ? absl::StrCat("a ", record->kind()) : record->name();
  const bool is_fiber = record != nullptr && record->kind() == "fiber";
  const bool is_goroutine =
      task >= box::kFirstGoroutine || (record != nullptr && record->kind() == "goroutine");
  std::string label = absl::StrCat(is_fiber ? "F" : is_goroutine ? "G" : "T", task % box::kFirstGoroutine);
  if (record == nullptr) return label;
  if (!record->name().empty() && !IsInheritedName(process, record->name())) {
    absl::StrAppend(&label, " \"", record->name(), "\"");
  }
  return label;
}

std::string TaskList(const ProcessModel& process, const std::vector<uint32_t>& tasks, size_t most) {
  const bool unnamed = std::all_of(tasks.begin(), tasks.end(), [&](uint32_t task) {
    const wire::Task* record = process.FindTask(task);
    return record != nullptr && record->made_up() && record->name().empty();
  });
  if (unnamed) return "";
  std::vector<std::string> names;
  const size_t named = tasks.size() > most ? most - 1 : tasks.size();
  for (size_t i = 0; i < named; ++i) names.push_back(TaskLabel(process, tasks[i]));
  if (tasks.size() > named) names.push_back(absl::StrCat(tasks.size() - named, " more"));
  return JoinedWithAnd(names);
}

std::string ObjectKind(const ProcessModel& process, uint32_t object) {
  const wire::Object* record = process.FindObject(object);
  return record == nullptr || record->kind().empty() ? "object" : record->kind();
}

bool HasOwnName(const ProcessModel& process, const wire::Object& object) {
  return !object.name().empty() && !process.IsSharedName(object.name());
}

std::string ObjectName(const ProcessModel& process, uint32_t object) {
  const wire::Object* record = process.FindObject(object);
  if (record != nullptr && HasOwnName(process, *record))
    return absl::StrReplaceAll(record->name(), {{"(anonymous namespace)::", ""}});
  return absl::StrCat(LetterOf(record == nullptr ? "" : record->kind()), object);
}

std::string ObjectLabel(const ProcessModel& process, uint32_t object) {
  if (process.FindObject(object) == nullptr) return "something that was not recorded";
  return absl::StrCat(ObjectKind(process, object), " ", ObjectName(process, object));
}

std::string PlaceLabel(const FrameView& frame) {
  std::string label = DisplayName(frame);
  if (frame.location == nullptr || frame.location->file().empty()) return label;
  absl::StrAppend(&label, " (", LastPart(frame.location->file()));
  if (frame.location->line() != 0) absl::StrAppend(&label, ":", frame.location->line());
  return absl::StrCat(label, ")");
}

std::string PlaceLabel(const ProcessModel& process, const wire::Site& site) {
  const auto frame = TopUserFrame(process, site);
  return frame.has_value() ? PlaceLabel(*frame) : "";
}

std::string PlaceOfStack(const ProcessModel& process, uint32_t stack) {
  wire::Site site;
  site.set_stack(stack);
  return stack == 0 ? "" : PlaceLabel(process, site);
}

std::string AtPlace(const std::string& place) { return place.empty() ? "" : absl::StrCat(" at ", place); }

std::string TaskNoun(const ProcessModel& process, const std::vector<uint32_t>& tasks) {
  std::string noun;
  for (uint32_t task : tasks) {
    const wire::Task* record = process.FindTask(task);
    const std::string kind = record == nullptr || record->kind().empty() ? "thread" : record->kind();
    if (!noun.empty() && noun != kind) return "task";
    noun = kind;
  }
  return noun.empty() ? "task" : noun;
}

std::string Counted(uint64_t number, absl::string_view noun) {
  if (number == 1) return absl::StrCat("1 ", noun);
  const bool sibilant = absl::EndsWith(noun, "x") || absl::EndsWith(noun, "s");
  return absl::StrCat(number, " ", noun, sibilant ? "es" : "s");
}

std::string Capitalized(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

std::string JoinedWithAnd(const std::vector<std::string>& parts) {
  std::string text;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? " and " : ", ";
    text += parts[i];
  }
  return text;
}

}  // namespace stray::analyzer
