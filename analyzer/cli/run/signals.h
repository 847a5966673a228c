// SPDX-License-Identifier: Apache-2.0
// signals.h: the signals that stray itself handles while it waits for the target, and how it gives the target
// the signal state back that stray was started with.
//
// They are blocked and read from a descriptor, so that no handler is needed. One that stray was told to
// ignore (nohup, a shell's background job) stays ignored. Stop signals keep their default: job control works
// on stray and target alike, because both are in one process group.
#ifndef STRAY_ANALYZER_CLI_RUN_SIGNALS_H_
#define STRAY_ANALYZER_CLI_RUN_SIGNALS_H_

#include <signal.h>

#include <optional>

#include "absl/status/statusor.h"
#include "analyzer/cli/file_descriptor.h"

namespace stray::analyzer {

struct ReceivedSignal {
  int number = 0;
  bool from_terminal = false;  // the target got it too
};

class Signals {
 public:
  // Takes the signals over: SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2. One object at a time.
  static absl::StatusOr<Signals> Take();

  Signals(Signals&&) = default;
  ~Signals() { GiveBack(); }

  // Readable while Next() has something.
  int descriptor() const { return fd_.get(); }

  // The next signal that has come, or nullopt. Does not wait.
  std::optional<ReceivedSignal> Next();

  // Takes all signals that have come. True if one of them asks a program to end: SIGINT, SIGTERM or SIGHUP.
  bool IsAskedToEnd();

  // Mask and dispositions as they were before Take(). Async-signal-safe, for the child between fork and
  // exec; and in stray itself, when there is no target any more and Ctrl-C may simply end it.
  void GiveBack() const;

 private:
  Signals() = default;

  FileDescriptor fd_;
  sigset_t old_mask_;
  struct sigaction old_child_action_;
  struct sigaction old_pipe_action_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_SIGNALS_H_
