// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/names.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace stray::analyzer {
namespace {

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

// Build directories lie beside or below the sources, so a few steps up are usual; more are hard to follow.
constexpr size_t kMaxStepsUp = 3;

absl::string_view LastPart(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

bool IsLockKind(absl::string_view kind) { return kind == "mutex" || kind == "rwlock" || kind == "spin lock"; }

std::string ProgramName(const ProcessModel& process) {
  const absl::string_view name = LastPart(process.process.program());
  return name.empty() ? "unknown program" : std::string(name);
}

std::string ProcessName(const ProcessModel& process) {
  return absl::StrCat(ProgramName(process), " (pid ", process.process.pid(), ")");
}

std::string ShortPath(absl::string_view path, absl::string_view directory) {
  absl::ConsumePrefix(&path, "./");
  if (!absl::StartsWith(path, "/")) return std::string(path);
  std::vector<absl::string_view> to = absl::StrSplit(path, '/', absl::SkipEmpty());
  const std::vector<absl::string_view> from = absl::StrSplit(directory, '/', absl::SkipEmpty());
  size_t common = 0;
  while (common < from.size() && common + 1 < to.size() && from[common] == to[common]) ++common;
  const size_t up = from.size() - common;
  if (common > 0 && up <= kMaxStepsUp) {
    to.erase(to.begin(), to.begin() + static_cast<ptrdiff_t>(common));
    to.insert(to.begin(), up, "..");
    return absl::StrJoin(to, "/");
  }
  if (to.size() <= 2) return std::string(path);
  return absl::StrCat(".../", to[to.size() - 2], "/", to.back());
}

std::string PlaceOf(const ProcessModel& process, const FrameView& frame) {
  if (frame.location != nullptr && !frame.location->file().empty()) {
    const std::string file = ShortPath(frame.location->file(), process.process.working_directory());
    return frame.location->line() == 0 ? file : absl::StrCat(file, ":", frame.location->line());
  }
  if (frame.module == nullptr) return "";
  const wire::Frame* record = process.FrameAt(frame.address);
  const uint64_t offset = record != nullptr ? record->offset() : frame.address - frame.module->base();
  return absl::StrCat(ModuleName(frame.module), "+0x", absl::Hex(offset));
}

ObjectNames::ObjectNames(const ProcessModel& process) : process_(process) {
  absl::flat_hash_set<absl::string_view> seen;
  for (const wire::Object& object : process.objects) {
    if (!object.name().empty() && !seen.insert(object.name()).second) ambiguous_.insert(object.name());
  }
}

bool ObjectNames::HasOwnName(const wire::Object& object) const {
  return !object.name().empty() && !ambiguous_.contains(object.name());
}

std::string ObjectNames::Short(uint32_t object) {
  if (known_.insert(object).second) mentioned_.push_back(object);
  const wire::Object* record = process_.FindObject(object);
  if (record != nullptr && HasOwnName(*record)) return record->name();
  return absl::StrCat(LetterOf(record == nullptr ? "" : record->kind()), object);
}

std::string ObjectNames::WithKind(uint32_t object) {
  const wire::Object* record = process_.FindObject(object);
  if (record == nullptr) return "an object that was not recorded";
  return absl::StrCat(record->kind(), record->kind().empty() ? "" : " ", Short(object));
}

}  // namespace stray::analyzer
