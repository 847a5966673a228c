// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/confirm/replay.h"

#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analyzer/cli/run/launcher.h"
#include "analyzer/cli/run/trace_collector.h"

namespace stray::analyzer {
namespace {

// A program that goes on beside its deadlock is looked at so often.
constexpr std::chrono::milliseconds kLookEvery(500);

absl::Status WriteFile(const std::string& path, absl::string_view bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  return file.good() ? absl::OkStatus() : absl::UnavailableError(absl::StrCat(path, ": cannot be written"));
}

class ReplayRun {
 public:
  ReplayRun(const ReplayPlan& plan, Session& session, Signals& signals)
      : plan_(plan), session_(session), signals_(signals) {}

  absl::StatusOr<Replay> Run(const std::string& agent, const std::string& heap) {
    LaunchPlan launch{.command = plan_.command,
                      .session = session_.path(),
                      .agent = agent,
                      .heap = heap,
                      .agent_options = AgentOptions(plan_.settings),
                      .order = plan_.order,
                      .directory = plan_.directory};
    if (plan_.schedule) {
      if (const absl::Status written = WriteSchedule(launch); !written.ok()) return written;
    }
    const absl::StatusOr<Launched> launched = Launch(launch, signals_);
    if (!launched.ok()) return launched.status();
    replay_.exec_error = launched->exec_error;
    if (replay_.exec_error == 0) Watch(launched->pid);
    if (plan_.schedule) ReadOutcome();
    return std::move(replay_);
  }

 private:
  std::string OutcomePath() const { return session_.path() + "/outcome"; }

  absl::Status WriteSchedule(LaunchPlan& launch) const {
    const std::string path = session_.path() + "/schedule";
    launch.order = absl::StrCat("steer:", path);
    const steering::SteeringOutcome untouched = {};
    const absl::Status written = WriteFile(
        OutcomePath(), absl::string_view(reinterpret_cast<const char*>(&untouched), sizeof(untouched)));
    return written.ok() ? WriteFile(path, plan_.schedule(OutcomePath())) : written;
  }

  void ReadOutcome() {
    std::ifstream file(OutcomePath(), std::ios::binary);
    steering::SteeringOutcome outcome = {};
    if (file.read(reinterpret_cast<char*>(&outcome), sizeof(outcome))) replay_.outcome = outcome;
  }

  SupervisorOptions Options(pid_t child, TraceCollector* traces) {
    SupervisorOptions options;
    options.grace = plan_.settings.grace;
    options.keep_all = true;
    options.traces = traces;
    options.timeout = plan_.settings.timeout;
    if (options.timeout == std::chrono::nanoseconds::zero()) options.timeout.reset();
    options.is_deadlock = [this](Model& model) { return Look(model).is_deadlocked; };
    if (plan_.looks_while_it_runs) options.watch_period = kLookEvery;
    options.tell_news = [this, child](Model model) {
      if (replay_.has_happened || !Look(model).has_happened) return;
      replay_.has_happened = true;
      replay_.model = std::move(model);
      kill(child, SIGKILL);
    };
    options.report_moment = [](Model&) {};
    options.find_failures = [](Model&) { return std::vector<Finding>(); };
    return options;
  }

  ReplaySight Look(Model& model) {
    for (const auto& process : model.processes) process->Index();
    return plan_.look(model);
  }

  void Watch(pid_t child) {
    TraceCollector traces(session_, plan_.settings.trace_bytes);
    Supervisor supervisor(session_, signals_, child, Options(child, &traces));
    Ending ending = supervisor.Wait();
    replay_.end = ending.end;
    replay_.wait_status = ending.wait_status;
    replay_.signal = ending.signal;
    AddTraces(traces, plan_.settings.trace_events, ending.model);
    replay_.used_runtime = std::any_of(ending.model.processes.begin(), ending.model.processes.end(),
                                       [](const auto& process) { return process->process.runtime(); });
    supervisor.EndTarget();
    if (replay_.has_happened) return;
    replay_.model = std::move(ending.model);
    replay_.has_happened = Look(replay_.model).has_happened;
  }

  const ReplayPlan& plan_;
  Session& session_;
  Signals& signals_;
  Replay replay_;
};

}  // namespace

absl::StatusOr<Replay> RunReplay(const ReplayPlan& plan, const std::string& agent, const std::string& heap) {
  absl::StatusOr<Session> session = Session::Create();
  if (!session.ok()) return session.status();
  absl::StatusOr<Signals> signals = Signals::Take();
  if (!signals.ok()) return signals.status();
  return ReplayRun(plan, *session, *signals).Run(agent, heap);
}

}  // namespace stray::analyzer
