// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/launcher.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "analyzer/cli/file_descriptor.h"

namespace stray::analyzer {
namespace {

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// The agent, and what it wants beside it, in front of `old`, once: a nested `stray run` finds them there
// already.
std::string WithAgent(const LaunchPlan& plan, absl::string_view old) {
  std::string preload = plan.agent;
  if (!plan.heap.empty()) absl::StrAppend(&preload, ":", plan.heap);
  for (absl::string_view library : absl::StrSplit(old, absl::ByAnyChar(" :"), absl::SkipEmpty())) {
    if (library != plan.agent && library != plan.heap) absl::StrAppend(&preload, ":", library);
  }
  return preload;
}

// AddressSanitizer's shared library, gcc's default, ends a program in which another library comes first.
constexpr absl::string_view kAsanName = "ASAN_OPTIONS=", kAsanOrder = "verify_asan_link_order";

std::string WithAsanOrder(const std::string& options) {
  if (absl::StrContains(options, kAsanOrder)) return options;
  return absl::StrCat(options, options.empty() ? "" : ":", kAsanOrder, "=0");
}

// Runs in the child, between fork and exec: async-signal-safe calls only.
[[noreturn]] void BecomeTarget(char* const* arguments, char* const* environment, const Signals& signals,
                               pid_t stray, const std::string& directory, int error_pipe) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != stray) _exit(1);  // stray was killed before the line above
  signals.GiveBack();
  if (directory.empty() || chdir(directory.c_str()) == 0) execvpe(arguments[0], arguments, environment);
  const int error = errno;
  // If this fails stray sees an exit with status 127, which is right too.
  [[maybe_unused]] const ssize_t written = write(error_pipe, &error, sizeof(error));
  _exit(127);
}

std::vector<std::string> CurrentEnvironment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  return variables;
}

}  // namespace

std::vector<std::string> TargetEnvironment(const std::vector<std::string>& current, const LaunchPlan& plan) {
  std::vector<std::string> environment;
  std::string preload, asan_options;
  for (const std::string& variable : current) {
    absl::string_view value = variable;
    if (absl::ConsumePrefix(&value, "LD_PRELOAD=")) {
      preload = std::string(value);
    } else if (!plan.agent.empty() && absl::ConsumePrefix(&value, kAsanName)) {
      asan_options = std::string(value);
    } else if (!absl::StartsWith(variable, "STRAY_SESSION=") && !absl::StartsWith(variable, "STRAY_OPTIONS=") &&
               (plan.order.empty() || !absl::StartsWith(variable, "STRAY_SCHED="))) {
      environment.push_back(variable);
    }
  }
  if (!plan.agent.empty()) {
    preload = WithAgent(plan, preload);
    environment.push_back(absl::StrCat(kAsanName, WithAsanOrder(asan_options)));
  }
  if (!preload.empty()) environment.push_back("LD_PRELOAD=" + preload);
  environment.push_back("STRAY_SESSION=" + plan.session);
  environment.push_back("STRAY_OPTIONS=" + plan.agent_options);
  if (!plan.order.empty()) environment.push_back("STRAY_SCHED=" + plan.order);
  return environment;
}

absl::StatusOr<Launched> Launch(const LaunchPlan& plan, const Signals& signals) {
  std::vector<std::string> command = plan.command;
  std::vector<std::string> variables = TargetEnvironment(CurrentEnvironment(), plan);
  const std::vector<char*> arguments = Pointers(command);
  const std::vector<char*> environment = Pointers(variables);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "pipe");
  const FileDescriptor reading(ends[0]);
  FileDescriptor writing(ends[1]);
  const pid_t stray = getpid();
  const pid_t pid = fork();
  if (pid < 0) return absl::ErrnoToStatus(errno, "fork");
  if (pid == 0)
    BecomeTarget(arguments.data(), environment.data(), signals, stray, plan.directory, writing.get());
  writing.Close();
  Launched launched{.pid = pid};
  // End of file: exec closed the other end.
  while (read(reading.get(), &launched.exec_error, sizeof(launched.exec_error)) < 0 && errno == EINTR) {
  }
  if (launched.exec_error != 0) waitpid(pid, nullptr, 0);
  return launched;
}

}  // namespace stray::analyzer
