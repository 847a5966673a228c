// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/process_info.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace stray::analyzer {
namespace {

// Fields of /proc/PID/stat, counted as proc(5) does, less the three up to and including the state.
constexpr size_t kAfterState = 4;
constexpr size_t kParent = 4 - kAfterState;
constexpr size_t kUserTime = 14 - kAfterState;
constexpr size_t kSystemTime = 15 - kAfterState;
constexpr size_t kThreads = 20 - kAfterState;
constexpr size_t kStartTime = 22 - kAfterState;

// The first kilobyte of a /proc file: all that those read here have. Empty if it cannot be read.
std::string ReadSmallFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return "";
  char buffer[1024];
  const ssize_t size = read(fd, buffer, sizeof(buffer));
  close(fd);
  return size > 0 ? std::string(buffer, static_cast<size_t>(size)) : "";
}

uint64_t Number(absl::string_view text) {
  uint64_t value = 0;
  return absl::SimpleAtoi(text, &value) ? value : 0;
}

// What one thread has done; nullopt if it is gone. Where the kernel keeps no schedstat, ticks must do.
std::optional<ThreadActivity> ReadThread(const std::string& folder, pid_t tid) {
  const std::optional<ProcessStat> stat =
      ParseProcessStat(ReadSmallFile(absl::StrCat(folder, "/", tid, "/stat")));
  if (!stat.has_value()) return std::nullopt;
  const std::string schedstat = ReadSmallFile(absl::StrCat(folder, "/", tid, "/schedstat"));
  const absl::string_view run_ns = absl::string_view(schedstat).substr(0, schedstat.find(' '));
  return ThreadActivity{.tid = tid,
                        .run_ns = schedstat.empty() ? stat->cpu_ticks : Number(run_ns),
                        .awake = stat->state != 'S' && stat->state != 'I' && stat->state != 'Z'};
}

}  // namespace

std::optional<ProcessStat> ParseProcessStat(absl::string_view text) {
  const size_t name_end = text.rfind(") ");
  if (name_end == absl::string_view::npos || text.size() < name_end + 4) return std::nullopt;
  const std::vector<absl::string_view> fields = absl::StrSplit(text.substr(name_end + 4), ' ');
  if (fields.size() <= kStartTime) return std::nullopt;
  ProcessStat stat;
  stat.state = text[name_end + 2];
  stat.parent = static_cast<pid_t>(Number(fields[kParent]));
  stat.cpu_ticks = Number(fields[kUserTime]) + Number(fields[kSystemTime]);
  stat.threads = Number(fields[kThreads]);
  stat.start_time = Number(fields[kStartTime]);
  return stat;
}

std::optional<ProcessStat> ReadProcessStat(pid_t pid) {
  return ParseProcessStat(ReadSmallFile(absl::StrCat("/proc/", pid, "/stat")));
}

bool IsAlive(pid_t pid, uint64_t start_time) {
  const std::optional<ProcessStat> stat = ReadProcessStat(pid);
  if (!stat.has_value() || stat->start_time != start_time) return false;
  return (stat->state != 'Z' && stat->state != 'X') || stat->threads > 1;
}

std::optional<std::vector<ThreadActivity>> ReadThreadActivity(pid_t pid) {
  const std::string folder = absl::StrCat("/proc/", pid, "/task");
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(opendir(folder.c_str()), closedir);
  if (entries == nullptr) return std::nullopt;
  std::vector<ThreadActivity> threads;
  while (const dirent* entry = readdir(entries.get())) {
    const auto tid = static_cast<pid_t>(Number(entry->d_name));
    const std::optional<ThreadActivity> thread = tid == 0 ? std::nullopt : ReadThread(folder, tid);
    if (thread.has_value()) threads.push_back(*thread);
  }
  std::sort(threads.begin(), threads.end(), [](const auto& a, const auto& b) { return a.tid < b.tid; });
  return threads;
}

bool BlocksAllSignals(pid_t pid, pid_t tid) {
  // Numbers 1 to 30, less the two that nobody can block and those that are a thread's own fault. Above, libc
  // and sanitizers leave some to themselves.
  constexpr int kOthers[] = {SIGKILL, SIGSTOP, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGPIPE};
  uint64_t wanted = (uint64_t{1} << 30) - 1;
  for (const int signal : kOthers) wanted &= ~(uint64_t{1} << (signal - 1));
  std::ifstream status(absl::StrCat("/proc/", pid, "/task/", tid, "/status"));
  for (std::string line; std::getline(status, line);) {
    absl::string_view mask = line;
    uint64_t blocked = 0;
    if (absl::ConsumePrefix(&mask, "SigBlk:") &&
        absl::SimpleHexAtoi(absl::StripAsciiWhitespace(mask), &blocked)) {
      return (blocked & wanted) == wanted;
    }
  }
  return false;
}

}  // namespace stray::analyzer
