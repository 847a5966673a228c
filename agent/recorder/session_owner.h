// SPDX-License-Identifier: Apache-2.0
// session_owner.h: the stray that a session belongs to, by the name of its directory.
#ifndef STRAY_AGENT_RECORDER_SESSION_OWNER_H_
#define STRAY_AGENT_RECORDER_SESSION_OWNER_H_

#include <cstdint>

namespace stray::agent {

// Field 22 of /proc/PID/stat, or of /proc/self/stat for pid 0: when the process started, to tell a reused pid.
// 0: it cannot be read.
uint64_t ProcessStart(uint64_t pid);

// True if the stray that made the session in `directory` has ended: what is left there nobody will read. False
// also where that cannot be known: in another pid namespace, or for a name that is no session's.
bool IsSessionOver(const char* directory);

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_SESSION_OWNER_H_
