// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/names.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "analyzer/analysis/describe.h"

namespace stray::analyzer {
namespace {

// Build directories lie beside or below the sources, so a few steps up are usual; more are hard to follow.
constexpr size_t kMaxStepsUp = 3;

absl::string_view LastPart(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

bool IsLockKind(absl::string_view kind) { return kind == "mutex" || kind == "rwlock" || kind == "spin lock"; }

std::string ProgramName(const ProcessModel& process) {
  if (!process.process.invoked_name().empty()) return process.process.invoked_name();
  const absl::string_view name = LastPart(process.process.program());
  if (!name.empty()) return std::string(name);
  return process.process.log().empty() ? "unknown program" : std::string(LastPart(process.process.log()));
}

std::string ProcessName(const ProcessModel& process) {
  // Some logs do not tell it.
  if (process.process.pid() == 0 && !process.process.log().empty()) return ProgramName(process);
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
  // Debuggers tell the module alone.
  if (frame.offset == 0) return std::string(ModuleName(frame.module));
  return absl::StrCat(ModuleName(frame.module), "+0x", absl::Hex(frame.offset));
}

std::string ObjectNames::Short(uint32_t object) {
  if (known_.insert(object).second) mentioned_.push_back(object);
  return ObjectName(process_, object);
}

std::string ObjectNames::WithKind(uint32_t object) {
  const wire::Object* record = process_.FindObject(object);
  if (record == nullptr) return "an object that was not recorded";
  return absl::StrCat(record->kind(), record->kind().empty() ? "" : " ", Short(object));
}

}  // namespace stray::analyzer
