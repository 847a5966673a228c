// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/pertest/test_pool.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "analyzer/cli/file_descriptor.h"

namespace stray::analyzer {
namespace {

constexpr int kCannotStart = 127;
constexpr int kLookMs = 1000;              // SIGCHLD wakes earlier
constexpr std::chrono::seconds kToEnd(2);  // between a request to end and the signal that cannot be refused

std::vector<char*> Pointers(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

int StatusOf(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

}  // namespace

absl::Status TestPool::Start(const PoolJob& job, size_t number) {
  const FileDescriptor output(open(job.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!output.IsOpen()) return absl::ErrnoToStatus(errno, absl::StrCat("cannot write \"", job.output, "\""));
  const FileDescriptor input(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const std::vector<char*> arguments = Pointers(job.command), environment = Pointers(job.environment);
  const pid_t self = getpid();
  const pid_t pid = fork();
  if (pid < 0) return absl::ErrnoToStatus(errno, "cannot start a test");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != self) _exit(kCannotStart);
    signals_.GiveBack();
    dup2(input.get(), STDIN_FILENO);
    dup2(output.get(), STDOUT_FILENO);
    dup2(output.get(), STDERR_FILENO);
    execvpe(arguments[0], arguments.data(), environment.data());
    _exit(kCannotStart);
  }
  const Clock::time_point now = Clock::now();
  Running& running = running_[pid];
  running.job = number;
  running.begin = now;
  running.is_foreign = job.is_foreign;
  if (job.is_foreign && job.limit.has_value()) running.end_at = now + *job.limit;
  return absl::OkStatus();
}

void TestPool::Reap() {
  int status = 0;
  for (pid_t pid = waitpid(-1, &status, WNOHANG); pid > 0; pid = waitpid(-1, &status, WNOHANG)) {
    const auto found = running_.find(pid);
    if (found == running_.end()) continue;
    const Running running = found->second;
    running_.erase(found);
    const std::chrono::duration<double> took = Clock::now() - running.begin;
    done_(running.job,
          {.ran = true, .status = StatusOf(status), .seconds = took.count(), .timed_out = running.timed_out});
  }
}

void TestPool::HandleSignals() {
  while (const std::optional<ReceivedSignal> signal = signals_.Next()) {
    if (signal->number != SIGINT && signal->number != SIGTERM && signal->number != SIGHUP) continue;
    if (interrupted_by_ == 0) interrupted_by_ = signal->number;
    for (auto& [pid, running] : running_) {
      // From the terminal they have got it themselves.
      if (!signal->from_terminal) kill(pid, signal->number);
      if (!running.is_foreign) continue;
      running.was_told = true;
      running.end_at = std::min(running.end_at, Clock::now() + kToEnd);
    }
  }
}

void TestPool::EndOverdue() {
  const Clock::time_point now = Clock::now();
  for (auto& [pid, running] : running_) {
    if (now < running.end_at) continue;
    kill(pid, running.was_told ? SIGKILL : SIGTERM);
    running.timed_out = running.timed_out || interrupted_by_ == 0;
    running.was_told = true;
    running.end_at = now + kToEnd;
  }
}

void TestPool::Wait() const {
  pollfd descriptor = {.fd = signals_.descriptor(), .events = POLLIN, .revents = 0};
  std::chrono::nanoseconds time = std::chrono::milliseconds(kLookMs);
  for (const auto& [pid, running] : running_) {
    if (running.end_at < Clock::now() + time) time = running.end_at - Clock::now();
  }
  const auto time_ms = std::chrono::ceil<std::chrono::milliseconds>(time).count();
  poll(&descriptor, 1, static_cast<int>(std::max<int64_t>(time_ms, 0)));
}

absl::Status TestPool::Run(const std::vector<PoolJob>& jobs) {
  absl::Status status;
  size_t next = 0;
  while (true) {
    const auto may_start = [&] { return status.ok() && interrupted_by_ == 0 && next < jobs.size(); };
    while (may_start() && running_.size() < at_once_) {
      status = Start(jobs[next], next);
      ++next;
    }
    if (running_.empty() && !may_start()) return status;
    Wait();
    HandleSignals();
    Reap();
    EndOverdue();
  }
}

}  // namespace stray::analyzer
