// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/find_box.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "analyzer/cli/run/process_info.h"

namespace stray::analyzer {
namespace {

absl::StatusOr<std::string> ReadMaps(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/maps"));
  const int error = errno;
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.is_open() && !file.bad()) return text;
  if (!ReadProcessStat(pid).has_value()) return absl::NotFoundError(absl::StrCat("there is no process ", pid));
  if (error == EACCES || error == EPERM) {
    return absl::PermissionDeniedError(
        absl::StrCat("process ", pid, " belongs to another user: no permission to look at it"));
  }
  return absl::ErrnoToStatus(error, absl::StrCat("cannot look at process ", pid));
}

// A box can be reached by its path, by its path as the process sees it, or through the mapping itself.
std::vector<std::string> WaysTo(const BoxMapping& mapping, pid_t pid) {
  const std::string through_mapping = absl::StrCat("/proc/", pid, "/map_files/", mapping.range);
  if (mapping.deleted) return {through_mapping};
  return {mapping.path, absl::StrCat("/proc/", pid, "/root", mapping.path), through_mapping};
}

}  // namespace

std::vector<BoxMapping> BoxMappings(absl::string_view maps) {
  std::vector<BoxMapping> mappings;
  for (absl::string_view line : absl::StrSplit(maps, '\n', absl::SkipEmpty())) {
    BoxMapping mapping;
    mapping.deleted = absl::ConsumeSuffix(&line, " (deleted)");
    const size_t path = line.find('/');
    if (path == absl::string_view::npos || !absl::EndsWith(line, ".box")) continue;
    mapping.path = std::string(line.substr(path));
    mapping.range = std::string(line.substr(0, line.find(' ')));
    const bool known = std::any_of(mappings.begin(), mappings.end(),
                                   [&](const BoxMapping& other) { return other.path == mapping.path; });
    if (!known) mappings.push_back(std::move(mapping));
  }
  return mappings;
}

absl::StatusOr<BoxView> FindBox(pid_t pid) {
  absl::StatusOr<std::string> maps = ReadMaps(pid);
  if (!maps.ok()) return maps.status();
  const std::vector<BoxMapping> mappings = BoxMappings(*maps);
  absl::Status failure = absl::FailedPreconditionError(
      absl::StrCat("process ", pid, " does not run under stray: start it with `stray run -- ...`"));
  for (const BoxMapping& mapping : mappings) {
    for (const std::string& way : WaysTo(mapping, pid)) {
      absl::StatusOr<BoxView> box = BoxView::Open(way);
      // A forked child may still have its parent's box mapped beside its own.
      if (box.ok() && box->pid() == pid && box->IsAlive()) return box;
      if (!box.ok()) failure = box.status();
    }
  }
  return failure;
}

}  // namespace stray::analyzer
