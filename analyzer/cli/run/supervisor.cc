// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "analyzer/cli/file_descriptor.h"
#include "analyzer/cli/run/box_view.h"
#include "analyzer/cli/run/notices.h"
#include "analyzer/cli/run/sample.h"

namespace stray::analyzer {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr seconds kPatienceAfterInterrupt(5);
constexpr seconds kSnapshotLimit(5);
constexpr seconds kTimeoutSnapshotLimit(1);  // a test runner may be about to kill us
constexpr milliseconds kKillInterval(5);
constexpr int kKillRounds = 400;

bool HasTerminal() { return FileDescriptor(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)).IsOpen(); }

void SleepFor(milliseconds duration) { poll(nullptr, 0, static_cast<int>(duration.count())); }

}  // namespace

Supervisor::Supervisor(const Session& session, Signals& signals, pid_t child, SupervisorOptions options)
    : session_(session),
      signals_(signals),
      child_(child),
      only_(options.follow ? 0 : child),
      options_(std::move(options)),
      watch_(session, only_, options_.grace),
      harvest_(options_.keep_all, options_.traces),
      desk_(TestDesk::Open(session, options_.find_failures)),
      next_look_(Clock::now()) {
  if (options_.watch_period > nanoseconds::zero()) watch_clock_.emplace(options_.watch_period, Clock::now());
  if (options_.timeout.has_value()) deadline_ = Clock::now() + *options_.timeout;
}

Ending Supervisor::Wait() {
  for (;;) {
    std::optional<Ending> ending = HandleSignals();
    if (!ending.has_value()) ending = CheckTime();
    if (ending.has_value()) return *std::move(ending);
    WaitForSomething();
  }
}

void Supervisor::WaitForSomething() {
  Clock::time_point until = next_look_;
  if (deadline_.has_value()) until = std::min(until, *deadline_);
  if (patience_.has_value()) until = std::min(until, *patience_);
  if (watch_clock_.has_value()) until = std::min(until, watch_clock_->next());
  const nanoseconds left = std::max(nanoseconds::zero(), until - Clock::now());
  const auto whole_seconds = std::chrono::duration_cast<seconds>(left);
  const timespec timeout = {whole_seconds.count(), (left - whole_seconds).count()};
  pollfd descriptors[] = {{.fd = signals_.descriptor(), .events = POLLIN, .revents = 0},
                          {.fd = desk_.ok() ? desk_->descriptor() : -1, .events = POLLIN, .revents = 0}};
  ppoll(descriptors, std::size(descriptors), &timeout, nullptr);
  if (descriptors[1].revents != 0) desk_->Serve();
}

std::optional<Ending> Supervisor::HandleSignals() {
  while (const std::optional<ReceivedSignal> signal = signals_.Next()) {
    std::optional<Ending> ending;
    switch (signal->number) {
      case SIGCHLD:
        ending = HandleChild();
        break;
      case SIGINT:
      case SIGTERM:
      case SIGHUP:
        ending = HandleInterrupt(*signal);
        break;
      case SIGQUIT: {
        Model model = Collect(box::SnapshotReason::kRequest, kSnapshotLimit);
        options_.report_moment(model);
        break;
      }
      default:
        kill(child_, signal->number);
        break;  // SIGUSR1 and SIGUSR2 are meant for the target
    }
    if (ending.has_value()) return ending;
  }
  return std::nullopt;
}

std::optional<Ending> Supervisor::HandleChild() {
  int status = 0;
  while (waitpid(child_, &status, WNOHANG | WUNTRACED) == child_) {
    if (WIFSTOPPED(status)) {
      StopAsWell(WSTOPSIG(status));
      continue;
    }
    reaped_ = true;
    Ending ending = EndWith(RunEnd::kByItself, CollectAfterEnd());
    ending.wait_status = status;
    return ending;
  }
  return std::nullopt;
}

// A target that stops itself for job control (an editor's `:stop`) must stop stray too, or the shell would
// not notice. The terminal's own stop signals reach both anyway.
void Supervisor::StopAsWell(int signal) {
  if ((signal != SIGTSTP && signal != SIGTTIN && signal != SIGTTOU) || !HasTerminal()) return;
  raise(signal);
  kill(child_, SIGCONT);  // here we go on; so must the target
}

std::optional<Ending> Supervisor::HandleInterrupt(const ReceivedSignal& signal) {
  if (!patience_.has_value()) {
    patience_ = Clock::now() + kPatienceAfterInterrupt;
    interrupted_by_ = signal.number;
    if (!signal.from_terminal) kill(child_, signal.number);
    return std::nullopt;
  }
  EndTarget();
  return EndWith(RunEnd::kInterrupted, CollectAfterEnd());
}

std::optional<Ending> Supervisor::CheckTime() {
  const Clock::time_point now = Clock::now();
  if (patience_.has_value() && now >= *patience_) {
    return EndWith(RunEnd::kInterrupted, Collect(box::SnapshotReason::kRequest, kSnapshotLimit));
  }
  if (deadline_.has_value() && now >= *deadline_) {
    return EndWith(RunEnd::kTimeout, Collect(box::SnapshotReason::kTimeout, kTimeoutSnapshotLimit));
  }
  if (watch_clock_.has_value() && watch_clock_->IsTime(now)) LookForNews();
  if (now < next_look_) return std::nullopt;
  std::optional<Ending> ending;
  const bool stands_still = watch_.StandsStill();
  for (const std::string& path : watch_.TakeEnded()) harvest_.Take(path);
  if (stands_still && !patience_.has_value()) {
    Model model = Collect(box::SnapshotReason::kHang, kSnapshotLimit);
    if (options_.is_deadlock(model)) ending = EndWith(RunEnd::kHang, std::move(model));
    watch_.Analyzed();
  }
  next_look_ = Clock::now() + watch_.Interval();
  return ending;
}

void Supervisor::LookForNews() {
  const Clock::time_point begin = Clock::now();
  // Of a target that was asked to end, its end says all.
  if (!patience_.has_value()) options_.tell_news(SampleBoxes(session_.BoxPaths(only_), options_.watch_proves));
  watch_clock_->Looked(begin, Clock::now());
}

Ending Supervisor::EndWith(RunEnd end, Model model) {
  harvest_.MoveTo(model);
  SortProcesses(model, child_);
  Ending ending;
  ending.end = end;
  ending.signal = interrupted_by_;
  ending.model = std::move(model);
  return ending;
}

Model Supervisor::Collect(box::SnapshotReason reason, nanoseconds limit) const {
  return CollectAll({.first = child_, .reason = reason, .limit = limit});
}

Model Supervisor::CollectAfterEnd() const { return CollectAll({.first = child_, .after_end = true}); }

Model Supervisor::CollectAll(const CollectOptions& options) const {
  Model model = CollectBoxes(session_.BoxPaths(only_), options);
  AddUnwatched(session_.NoticePaths(only_), model);
  SortProcesses(model, child_);
  return model;
}

void Supervisor::EndTarget() {
  // In rounds, because a process may be making another one just now.
  for (int round = 0; round < kKillRounds; ++round) {
    bool left = false;
    for (const std::string& path : session_.BoxPaths()) {
      const absl::StatusOr<BoxView> box = BoxView::Open(path);
      if (!box.ok() || !box->IsAlive()) continue;
      left = kill(box->pid(), SIGKILL) == 0 || left;
    }
    if (!reaped_) {
      kill(child_, SIGKILL);
      reaped_ = waitpid(child_, nullptr, WNOHANG) == child_;
    }
    if (!left && reaped_) return;
    SleepFor(kKillInterval);
  }
}

}  // namespace stray::analyzer
