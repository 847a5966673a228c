// SPDX-License-Identifier: Apache-2.0
// exec_mark.h: a sign in the session that a process is about to run another program.
//
//   PID.exec -> "TIME\nPATH"     a symbolic link that leads nowhere: made by one call, holds no descriptor, and
//   is
//                                no write that RLIMIT_FSIZE could turn into a signal
//
// An agent that comes up in the new program takes the sign away. Where it stays, no agent came up: the program
// is static, setuid, or of another architecture, and `stray run` can say so. TIME is CLOCK_MONOTONIC in
// nanoseconds: a box of the same process made later shows that the program is watched after all. PATH is as the
// program gave it, but absolute if there is a slash in it.
//
// Context: also between vfork and exec: only the caller's stack is written. errno is kept.
#ifndef STRAY_AGENT_RECORDER_EXEC_MARK_H_
#define STRAY_AGENT_RECORDER_EXEC_MARK_H_

#include <cstdint>

namespace stray::agent {

class ExecMark {
 public:
  // Process `pid` runs, or is about to run, `path`, as decided at `time_ns`.
  static void Leave(const char* session, int pid, const char* path, uint64_t time_ns);
  static void Remove(const char* session, int pid);
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_EXEC_MARK_H_
