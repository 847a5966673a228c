// SPDX-License-Identifier: Apache-2.0
// child_environment.h: what a program that is started with an environment of its own needs to be watched as
// well: the agent in LD_PRELOAD, which AddressSanitizer is to put up with (ASAN_OPTIONS), and STRAY_SESSION and
// STRAY_OPTIONS as they were when this program started.
//
// Most environments are passed on as they are and have all of it; then nothing is copied. The rest (env -i,
// build systems, whoever takes LD_PRELOAD away) is completed in a copy: the caller's own is never changed. An
// environment with another STRAY_SESSION is another stray's, and none of our business.
//
// Context: also between vfork and exec, in memory that belongs to the parent: no malloc, nothing is written but
// to the caller's stack.
#ifndef STRAY_AGENT_HOOKS_CHILD_ENVIRONMENT_H_
#define STRAY_AGENT_HOOKS_CHILD_ENVIRONMENT_H_

#include <alloca.h>

#include <cstddef>

namespace stray::agent {

class ChildEnvironment {
 public:
  // Keeps what children need. `agent`: the path the agent was loaded from. Once, before the program runs.
  static void Remember(char* const* environment, const char* agent, const char* beside);

  // What Complete() needs for a copy of `environment`; 0: it is to be passed on as it is.
  static size_t BytesToComplete(char* const* environment);

  // Makes the copy in `memory`, which is aligned for pointers.
  static char* const* Complete(char* const* environment, void* memory);
};

// Calls `exec(environment)` with all that a child needs in it.
template <typename Exec>
int WithChildEnvironment(char* const* environment, Exec exec) {
  constexpr size_t kMost =
      128 * 1024;  // leaves a small stack alone; no such environment was ever seen incomplete
  const size_t bytes = ChildEnvironment::BytesToComplete(environment);
  if (bytes == 0 || bytes > kMost) return exec(environment);
  return exec(ChildEnvironment::Complete(environment, alloca(bytes)));
}

}  // namespace stray::agent

#endif  // STRAY_AGENT_HOOKS_CHILD_ENVIRONMENT_H_
