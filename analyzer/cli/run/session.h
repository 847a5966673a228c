// SPDX-License-Identifier: Apache-2.0
// session.h: the directory in which the processes of one `stray run` leave their black boxes.
//
//   BASE/run-PID-START-NAMESPACE-RANDOM/    whose run it is (ProcessStat::start_time, pid namespace)
//     4711.0.box  4712.0.box ...           black boxes
//     4713.exec ...                        programs that no agent came up in
//     4714.0.unwatched                     a process that could have no box: a link that says why
//     tests                                the socket of the TestDesk
//
// Nobody else gets in: both directories are 0700, are the user's own, and no link is followed on the way.
// The directory goes away with the Session; one that a killed stray left behind is swept by the next run.
#ifndef STRAY_ANALYZER_CLI_RUN_SESSION_H_
#define STRAY_ANALYZER_CLI_RUN_SESSION_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace stray::analyzer {

// The sign of a process that was about to run another program: see agent/recorder/exec_mark.h.
struct ExecMark {
  pid_t pid = 0;
  uint64_t time_ns = 0;  // CLOCK_MONOTONIC
  std::string path;      // of the program; without a slash: searched for in PATH
};

class Session {
 public:
  // Where sessions can be, best first: $XDG_RUNTIME_DIR, /dev/shm, $TMPDIR, /tmp; memory before disk.
  static std::vector<std::string> DefaultBases();

  // Takes the first base that is safe and has room. The message of a failure says what was wrong with each.
  static absl::StatusOr<Session> Create(absl::Span<const std::string> bases = DefaultBases());

  Session(Session&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  Session& operator=(Session&&) = delete;
  ~Session() { Remove(); }

  const std::string& path() const { return path_; }

  // Paths of the black boxes that are there now, sorted; with `only`, those of that process.
  std::vector<std::string> BoxPaths(pid_t only = 0) const;
  // The same for notices of processes that could have none.
  std::vector<std::string> NoticePaths(pid_t only = 0) const;

  // Programs that were started, and in which no agent has come up to say so, by pid.
  std::vector<ExecMark> ExecMarks() const;

  // Removes the directory and all in it. Mappings of boxes stay valid. More than once is fine.
  void Remove();

 private:
  explicit Session(std::string path) : path_(std::move(path)) {}
  std::vector<std::string> PathsOf(absl::string_view suffix, pid_t only) const;

  std::string path_;
};

// Removes what runs left behind in `base` whose stray is gone. Returns how many.
size_t SweepStaleSessions(const std::string& base);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_SESSION_H_
