// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>

#include "absl/status/status.h"

namespace stray::analyzer {
namespace {

constexpr int kHandled[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};

// A blocked signal is queued even if it is ignored, so an ignored one must not be blocked.
bool IsIgnored(int signal) {
  struct sigaction action;
  return sigaction(signal, nullptr, &action) == 0 && (action.sa_flags & SA_SIGINFO) == 0 &&
         action.sa_handler == SIG_IGN;
}

}  // namespace

absl::StatusOr<Signals> Signals::Take() {
  Signals signals;
  sigset_t handled;
  sigemptyset(&handled);
  sigaddset(&handled, SIGCHLD);
  sigaddset(&handled, SIGQUIT);  // also if ignored, as in a background job: it asks for a report, no more
  for (int signal : kHandled) {
    if (!IsIgnored(signal)) sigaddset(&handled, signal);
  }
  signals.fd_ = FileDescriptor(signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals.fd_.IsOpen()) return absl::ErrnoToStatus(errno, "signalfd");
  sigprocmask(SIG_BLOCK, &handled, &signals.old_mask_);
  // An ignored SIGCHLD would lose the target's exit status; SIGPIPE would end stray in the middle of a report.
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  sigaction(SIGCHLD, &action, &signals.old_child_action_);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, &signals.old_pipe_action_);
  return signals;
}

std::optional<ReceivedSignal> Signals::Next() {
  signalfd_siginfo info;
  if (read(fd_.get(), &info, sizeof(info)) != sizeof(info)) return std::nullopt;
  return ReceivedSignal{.number = static_cast<int>(info.ssi_signo),
                        .from_terminal = info.ssi_code == SI_KERNEL};
}

bool Signals::IsAskedToEnd() {
  bool ends = false;
  while (const std::optional<ReceivedSignal> signal = Next()) {
    ends = ends || signal->number == SIGINT || signal->number == SIGTERM || signal->number == SIGHUP;
  }
  return ends;
}

void Signals::GiveBack() const {
  if (!fd_.IsOpen()) return;
  sigaction(SIGCHLD, &old_child_action_, nullptr);
  sigaction(SIGPIPE, &old_pipe_action_, nullptr);
  sigprocmask(SIG_SETMASK, &old_mask_, nullptr);
}

}  // namespace stray::analyzer
