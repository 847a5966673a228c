// SPDX-License-Identifier: Apache-2.0
// exec.cc: becoming another program, and starting one: exec* and posix_spawn*.
//
// The new program gets what it needs to be watched (child_environment.h), and a sign in the session tells the
// analyzer where no agent came up in it (exec_mark.h). A process that has a black box of its own needs no sign:
// its box says that it became another program.
//
// system() and popen() start a shell inside of libc, with the program's environment, and no hook sees it.
#include <errno.h>
#include <spawn.h>
#include <stdarg.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/base/raw.h"
#include "agent/hooks/child_environment.h"
#include "agent/hooks/real.h"
#include "agent/recorder/exec_mark.h"
#include "agent/recorder/snapshot.h"

namespace stray::agent {
namespace {

// Passed by reference: what becomes of a va_list passed by value differs between architectures.
struct Arguments {
  va_list list;
};

// How many arguments execl and its kin were given after `first`, the terminating null included.
size_t CountArguments(const char* first, Arguments& arguments) {
  size_t count = 1;
  if (first == nullptr) return count;
  do ++count;
  while (va_arg(arguments.list, char*) != nullptr);
  return count;
}

void CollectArguments(const char* first, Arguments& arguments, size_t count, char** out) {
  out[0] = const_cast<char*>(first);
  for (size_t i = 1; i < count; ++i) out[i] = va_arg(arguments.list, char*);
}

bool LeavesMark(const char* path) {
  const AgentState state = Agent::State();
  return path != nullptr && (state == AgentState::kOn || state == AgentState::kForked) &&
         Agent::GetOptions().follow != 0;
}

// Becomes `path` by `exec(environment)`; comes back only if that failed.
template <typename Exec>
int Become(const char* path, char* const* environment, Exec exec) {
  const bool has_box = Agent::State() == AgentState::kOn && Agent::IsOwnProcess();
  const bool leaves_mark = !has_box && LeavesMark(path);
  const char* session = Agent::GetOptions().session;
  if (leaves_mark) ExecMark::Leave(session, RawPid(), path, PreciseNow());
  if (has_box) Snapshots::Abandon();  // what comes next would not know of it
  Agent::BeginExec();
  const int result = WithChildEnvironment(environment, exec);
  const int error = errno;
  Agent::CancelExec();
  if (leaves_mark) ExecMark::Remove(session, RawPid());
  errno = error;
  return result;
}

// Starts `path` by `spawn(environment)`, which fills in *child.
template <typename Spawn>
int Start(pid_t* child, const char* path, char* const* environment, Spawn spawn) {
  const uint64_t before = PreciseNow();
  pid_t own_child = 0;
  if (child == nullptr) child = &own_child;
  const int error =
      WithChildEnvironment(environment, [&](char* const* complete) { return spawn(child, complete); });
  // The agent in the child may have come up by now, and have looked for the sign in vain: its box tells.
  if (error == 0 && LeavesMark(path)) ExecMark::Leave(Agent::GetOptions().session, *child, path, before);
  return error;
}

}  // namespace
}  // namespace stray::agent

using namespace stray::agent;  // NOLINT: the hooks below are the agent's C face

STRAY_EXPORT int execve(const char* path, char* const argv[], char* const envp[]) noexcept {
  return Become(path, envp, [=](char* const* complete) { return Real().execve(path, argv, complete); });
}

STRAY_EXPORT int execv(const char* path, char* const argv[]) noexcept { return execve(path, argv, environ); }

STRAY_EXPORT int execvpe(const char* file, char* const argv[], char* const envp[]) noexcept {
  return Become(file, envp, [=](char* const* complete) { return Real().execvpe(file, argv, complete); });
}

STRAY_EXPORT int execvp(const char* file, char* const argv[]) noexcept { return execvpe(file, argv, environ); }

STRAY_EXPORT int fexecve(int fd, char* const argv[], char* const envp[]) noexcept {
  char link[32] = "/proc/self/fd/";
  FormatUnsigned(static_cast<uint64_t>(fd), link + strlen(link));
  char path[1024];
  const long length = RawCall(SYS_readlinkat, AT_FDCWD, reinterpret_cast<long>(link),
                              reinterpret_cast<long>(path), sizeof(path) - 1);
  path[length > 0 ? length : 0] = '\0';
  return Become(path, envp, [=](char* const* complete) { return Real().fexecve(fd, argv, complete); });
}

// The arguments as an array on the stack, as libc does: there may be any number, and after vfork() there must
// be no allocation. `arguments` is left behind the terminating null.
#define STRAY_ARGUMENT_ARRAY(first, arguments, argv)                                 \
  Arguments arguments;                                                               \
  va_start(arguments.list, first);                                                   \
  const size_t argv##_count = CountArguments(first, arguments);                      \
  va_end(arguments.list);                                                            \
  auto** argv = static_cast<char**>(__builtin_alloca(argv##_count * sizeof(char*))); \
  va_start(arguments.list, first);                                                   \
  CollectArguments(first, arguments, argv##_count, argv)

STRAY_EXPORT int execl(const char* path, const char* argument, ...) noexcept {
  STRAY_ARGUMENT_ARRAY(argument, arguments, argv);
  va_end(arguments.list);
  return execv(path, argv);
}

STRAY_EXPORT int execlp(const char* file, const char* argument, ...) noexcept {
  STRAY_ARGUMENT_ARRAY(argument, arguments, argv);
  va_end(arguments.list);
  return execvp(file, argv);
}

STRAY_EXPORT int execle(const char* path, const char* argument, ...) noexcept {
  STRAY_ARGUMENT_ARRAY(argument, arguments, argv);
  char* const* envp = va_arg(arguments.list, char* const*);
  va_end(arguments.list);
  return execve(path, argv, envp);
}

STRAY_EXPORT int posix_spawn(pid_t* child, const char* path, const posix_spawn_file_actions_t* actions,
                             const posix_spawnattr_t* attributes, char* const argv[], char* const envp[]) {
  return Start(child, path, envp, [=](pid_t* started, char* const* complete) {
    return Real().posix_spawn(started, path, actions, attributes, argv, complete);
  });
}

STRAY_EXPORT int posix_spawnp(pid_t* child, const char* file, const posix_spawn_file_actions_t* actions,
                              const posix_spawnattr_t* attributes, char* const argv[], char* const envp[]) {
  return Start(child, file, envp, [=](pid_t* started, char* const* complete) {
    return Real().posix_spawnp(started, file, actions, attributes, argv, complete);
  });
}
