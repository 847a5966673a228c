// SPDX-License-Identifier: Apache-2.0
// exit_status.h: what `stray run` exits with. A pure function, so that the whole table can be tested.
#ifndef STRAY_ANALYZER_CLI_RUN_EXIT_STATUS_H_
#define STRAY_ANALYZER_CLI_RUN_EXIT_STATUS_H_

namespace stray::analyzer {

inline constexpr int kStatusFindings = 66;      // default of --exit-code
inline constexpr int kStatusIncomplete = 67;    // nothing found, but data is incomplete
inline constexpr int kStatusNotConfirmed = 68;  // of `stray confirm`: what was foreseen did not happen
inline constexpr int kStatusTimeout = 124;
inline constexpr int kStatusOwnError = 125;
inline constexpr int kStatusCannotRun = 126;  // found, but not to be executed
inline constexpr int kStatusNotFound = 127;

// How the command's run came to its end.
enum class RunEnd {
  kByItself,     // it exited, or a signal that was not ours killed it
  kHang,         // stray found a deadlock and ended it
  kTimeout,      // stray ended it at the limit of --timeout
  kInterrupted,  // the user asked stray to stop, and stray had to end it
};

struct RunOutcome {
  RunEnd end = RunEnd::kByItself;
  int wait_status = 0;            // as waitpid() gives it; used for kByItself
  int signal = 0;                 // the user's signal, for kInterrupted
  bool failing_findings = false;  // at least one finding that --fail-on selects
  bool incomplete = false;        // data is missing, so that "nothing found" would not mean "clean"
};

// The command's own failure comes first: a program that fails by itself keeps its status, whatever was found.
int ExitStatus(const RunOutcome& outcome, int findings_status = kStatusFindings);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_EXIT_STATUS_H_
