// SPDX-License-Identifier: Apache-2.0
// process_info.h: what /proc tells about a process.
#ifndef STRAY_ANALYZER_CLI_RUN_PROCESS_INFO_H_
#define STRAY_ANALYZER_CLI_RUN_PROCESS_INFO_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

struct ProcessStat {
  char state = 0;  // of the first thread: R, S, D, T, Z, ...
  pid_t parent = 0;
  uint64_t cpu_ticks = 0;  // user and system time of all threads
  uint64_t threads = 0;
  uint64_t start_time = 0;  // since boot; together with the pid it names a process for good
};

// Reads the text of a /proc stat file. The command name in it may hold spaces and parentheses.
std::optional<ProcessStat> ParseProcessStat(absl::string_view text);

// nullopt: there is no such process (any more).
std::optional<ProcessStat> ReadProcessStat(pid_t pid);

// True while the process that started at `start_time` runs. A zombie does not; one whose first thread has
// ended while others go on does.
bool IsAlive(pid_t pid, uint64_t start_time);

// One thread of a process at one moment.
struct ThreadActivity {
  pid_t tid = 0;
  uint64_t run_ns = 0;  // time on a processor so far
  bool awake = false;   // it runs, waits for a disk, or is stopped by a signal or a debugger
};

// All threads of a process, by tid. nullopt: there is no such process (any more).
std::optional<std::vector<ThreadActivity>> ReadThreadActivity(pid_t pid);

// True if the thread keeps away all signals that a program can: as threads do that libraries make for
// themselves.
bool BlocksAllSignals(pid_t pid, pid_t tid);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_PROCESS_INFO_H_
