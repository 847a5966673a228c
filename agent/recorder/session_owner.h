// SPDX-License-Identifier: Apache-2.0
// session_owner.h: the stray that a session belongs to, by the name of its directory.
#ifndef STRAY_AGENT_RECORDER_SESSION_OWNER_H_
#define STRAY_AGENT_RECORDER_SESSION_OWNER_H_

namespace stray::agent {

// True if the stray that made the session in `directory` has ended: what is left there nobody will read. False
// also where that cannot be known: in another pid namespace, when the pid has been used again, or for a name
// that is no session's. When a process started is no help: in another time namespace /proc says it otherwise.
bool IsSessionOver(const char* directory);

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_SESSION_OWNER_H_
