// SPDX-License-Identifier: Apache-2.0
// supervisor.h: waits for the target, and for all that can happen meanwhile.
//
//   target ends                    -> kByItself
//   all stand still, a deadlock    -> kHang         the target is still there, hanging
//   --timeout                      -> kTimeout      still there
//   Ctrl-C, SIGTERM, SIGHUP        target is given some seconds to end by itself; then kInterrupted
//   ... a second time              -> kInterrupted, killed at once
//   Ctrl-\ (SIGQUIT)               a report of the moment, and on it goes
//   every --watch                  what is new is told, and on it goes
//   a test of the target asks      is told what it has left behind, and on it goes
//
// Whoever gets an ending with a target that is still there prints the report first and calls EndTarget()
// then: what can be seen of a hang should be seen while it hangs.
#ifndef STRAY_ANALYZER_CLI_RUN_SUPERVISOR_H_
#define STRAY_ANALYZER_CLI_RUN_SUPERVISOR_H_

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>

#include "analyzer/cli/run/collect.h"
#include "analyzer/cli/run/exit_status.h"
#include "analyzer/cli/run/harvest.h"
#include "analyzer/cli/run/periodic_watch.h"
#include "analyzer/cli/run/session.h"
#include "analyzer/cli/run/signals.h"
#include "analyzer/cli/run/test_desk.h"
#include "analyzer/cli/run/watch.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

struct SupervisorOptions {
  std::chrono::nanoseconds grace;
  bool follow = true;     // look at all processes of the session, not at the child alone
  bool keep_all = false;  // keep all records of processes that end, not only those that findings may need
  TraceCollector* traces = nullptr;  // null: none are recorded
  std::optional<std::chrono::nanoseconds> timeout;
  std::chrono::nanoseconds watch_period{0};  // 0: no watch
  bool watch_proves = false;                 // its snapshots say who can reach what
  // Tells what is new in a snapshot of all processes that run.
  std::function<void(Model)> tell_news;
  // True if the snapshots in the model, of processes that still run, prove a deadlock that makes the run fail.
  std::function<bool(Model&)> is_deadlock;
  // Prints what everybody does at this moment.
  std::function<void(Model&)> report_moment;
  // Of a model as it was read: the findings that make a run fail.
  TestDesk::FindFailures find_failures;
};

struct Ending {
  RunEnd end = RunEnd::kByItself;
  int wait_status = 0;  // kByItself: as waitpid() gives it
  int signal = 0;       // kInterrupted: the user's signal
  Model model;          // all processes of the run; of those that ended early, what findings need
};

class Supervisor {
 public:
  // `child` was started by Launch(). All references must outlive the supervisor.
  Supervisor(const Session& session, Signals& signals, pid_t child, SupervisorOptions options);

  // Returns when the run is over, in one of the ways above. Call once.
  Ending Wait();

  // Kills and reaps what is left of the target: the child, and all processes with a box in the session.
  void EndTarget();

 private:
  using Clock = std::chrono::steady_clock;

  std::optional<Ending> HandleSignals();
  std::optional<Ending> HandleChild();
  std::optional<Ending> HandleInterrupt(const ReceivedSignal& signal);
  std::optional<Ending> CheckTime();
  Ending EndWith(RunEnd end, Model model);
  Model Collect(box::SnapshotReason reason, std::chrono::nanoseconds limit) const;
  Model CollectAfterEnd() const;
  Model CollectAll(const CollectOptions& options) const;
  void StopAsWell(int signal);
  void WaitForSomething();
  void LookForNews();

  const Session& session_;
  Signals& signals_;
  const pid_t child_;
  const pid_t only_;  // child_ if no other process is to be looked at, else 0
  const SupervisorOptions options_;
  Watch watch_;
  Harvest harvest_;
  absl::StatusOr<TestDesk> desk_;
  Clock::time_point next_look_;
  std::optional<WatchClock> watch_clock_;
  std::optional<Clock::time_point> deadline_;
  std::optional<Clock::time_point> patience_;  // with a target that was asked to end
  int interrupted_by_ = 0;
  bool reaped_ = false;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_SUPERVISOR_H_
