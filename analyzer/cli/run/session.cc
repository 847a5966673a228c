// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/session.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "agent/wire/black_box.h"
#include "analyzer/cli/file_descriptor.h"
#include "analyzer/cli/run/process_info.h"

namespace stray::analyzer {
namespace {

constexpr absl::string_view kPrefix = "run-";
constexpr uint64_t kEnoughBytes = 16 << 20;

absl::Status Failed(absl::string_view path, int error) {
  return absl::ErrnoToStatus(error, absl::StrCat("\"", path, "\""));
}

// Opens `path` without following a link at its end, and makes sure that it is ours alone.
absl::StatusOr<FileDescriptor> OpenOwnDirectory(int parent, const std::string& name, const std::string& path) {
  FileDescriptor fd(openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat info;
  if (!fd.IsOpen() || fstat(fd.get(), &info) != 0) return Failed(path, errno);
  if (info.st_uid != geteuid()) {
    return absl::PermissionDeniedError(absl::StrCat("\"", path, "\" belongs to another user"));
  }
  if ((info.st_mode & 077) != 0 && fchmod(fd.get(), 0700) != 0) return Failed(path, errno);
  return fd;
}

// Containers can share /tmp or /dev/shm and not know each other's processes.
uint64_t PidNamespace() {
  struct stat info;
  return stat("/proc/self/ns/pid", &info) == 0 ? info.st_ino : 0;
}

std::string RandomName() {
  uint64_t random = 0;
  // Names need not be secret, only new: without randomness the pid and start time in them do.
  if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0) random = 0;
  const std::optional<ProcessStat> self = ReadProcessStat(getpid());
  return absl::StrCat(kPrefix, getpid(), "-", self.has_value() ? self->start_time : 0, "-", PidNamespace(), "-",
                      absl::Hex(random, absl::kZeroPad16));
}

absl::StatusOr<std::string> CreateIn(const std::string& base) {
  if (mkdir(base.c_str(), 0700) != 0 && errno != EEXIST) return Failed(base, errno);
  absl::StatusOr<FileDescriptor> fd = OpenOwnDirectory(AT_FDCWD, base, base);
  if (!fd.ok()) return fd.status();
  struct statvfs space;
  if (fstatvfs(fd->get(), &space) == 0 && space.f_bavail * space.f_frsize < kEnoughBytes) {
    return absl::ResourceExhaustedError(absl::StrCat("\"", base, "\" has less than 16 MiB left"));
  }
  const std::string name = RandomName();
  const std::string path = absl::StrCat(base, "/", name);
  if (mkdirat(fd->get(), name.c_str(), 0700) != 0) return Failed(path, errno);
  absl::StatusOr<FileDescriptor> made = OpenOwnDirectory(fd->get(), name, path);
  if (!made.ok()) return made.status();
  return path;
}

// Names in the directory `path`, without "." and "..".
std::vector<std::string> Entries(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()), closedir);
  while (const dirent* entry = folder == nullptr ? nullptr : readdir(folder.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

// A session holds files only, so this does not descend: a folder in it stays, and it with it. Its name goes
// first, so that a process that lives on cannot put a new box into what is being emptied.
void RemoveFolder(const std::string& named) {
  const std::string renamed = absl::StrCat(named, "x");  // still the name of a session, for the next sweep
  const std::string& path = rename(named.c_str(), renamed.c_str()) == 0 ? renamed : named;
  const FileDescriptor fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.IsOpen()) return;
  for (const std::string& name : Entries(path)) unlinkat(fd.get(), name.c_str(), 0);
  rmdir(path.c_str());
}

// True for the name of a session whose stray does not run any more.
bool IsStale(absl::string_view name) {
  if (!absl::ConsumePrefix(&name, kPrefix)) return false;
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '-');
  pid_t pid = 0;
  uint64_t start_time = 0;
  uint64_t pid_namespace = 0;
  const bool readable = parts.size() == 4 && absl::SimpleAtoi(parts[0], &pid) &&
                        absl::SimpleAtoi(parts[1], &start_time) && absl::SimpleAtoi(parts[2], &pid_namespace);
  return readable && pid_namespace == PidNamespace() && !IsAlive(pid, start_time);
}

std::string Environment(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::vector<std::string> Session::DefaultBases() {
  std::vector<std::string> bases;
  const std::string own = absl::StrCat("/stray-", geteuid());
  const auto add = [&](const std::string& folder, const std::string& name) {
    if (!folder.empty() && folder[0] == '/') bases.push_back(folder + name);
  };
  add(Environment("XDG_RUNTIME_DIR"), "/stray");
  add("/dev/shm", own);
  add(Environment("TMPDIR"), own);
  add("/tmp", own);
  return bases;
}

absl::StatusOr<Session> Session::Create(absl::Span<const std::string> bases) {
  std::vector<std::string> failures;
  for (const std::string& base : bases) {
    absl::StatusOr<std::string> path = CreateIn(base);
    if (path.ok()) {
      SweepStaleSessions(base);
      return Session(*std::move(path));
    }
    failures.emplace_back(path.status().message());
  }
  return absl::UnavailableError(
      absl::StrCat("no place for the black boxes of this run: ", absl::StrJoin(failures, "; ")));
}

std::vector<std::string> Session::BoxPaths(pid_t only) const { return PathsOf(box::kBoxSuffix, only); }

std::vector<std::string> Session::NoticePaths(pid_t only) const { return PathsOf(box::kNoticeSuffix, only); }

std::vector<std::string> Session::PathsOf(absl::string_view suffix, pid_t only) const {
  const std::string prefix = only == 0 ? "" : absl::StrCat(only, ".");
  std::vector<std::string> paths;
  for (const std::string& name : Entries(path_)) {
    const bool fits = name.size() > suffix.size() && absl::EndsWith(name, suffix);
    if (fits && absl::StartsWith(name, prefix)) paths.push_back(absl::StrCat(path_, "/", name));
  }
  return paths;
}

std::vector<ExecMark> Session::ExecMarks() const {
  std::vector<ExecMark> marks;
  for (const std::string& name : Entries(path_)) {
    absl::string_view pid = name;
    ExecMark mark;
    if (!absl::ConsumeSuffix(&pid, ".exec") || !absl::SimpleAtoi(pid, &mark.pid)) continue;
    char target[4096];
    const ssize_t size = readlink(absl::StrCat(path_, "/", name).c_str(), target, sizeof(target));
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(
        absl::string_view(target, static_cast<size_t>(std::max<ssize_t>(size, 0))), absl::MaxSplits('\n', 1));
    if (!absl::SimpleAtoi(parts.first, &mark.time_ns)) continue;
    mark.path = std::string(parts.second);
    marks.push_back(std::move(mark));
  }
  return marks;
}

void Session::Remove() {
  if (!path_.empty()) RemoveFolder(path_);
  path_.clear();
}

size_t SweepStaleSessions(const std::string& base) {
  size_t swept = 0;
  for (const std::string& name : Entries(base)) {
    if (!IsStale(name)) continue;
    RemoveFolder(absl::StrCat(base, "/", name));
    ++swept;
  }
  return swept;
}

}  // namespace stray::analyzer
