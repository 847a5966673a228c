// SPDX-License-Identifier: Apache-2.0
// notice.h: what a process leaves in the session when it can have no black box.
//
// A symbolic link whose target is the text (wire::kNoticeSuffix). A link needs no descriptor, no file length
// and, in memory, no block: it can be made by a program that has run out of all of these. Nothing is ever
// written to the program's standard error: its output is its own.
#ifndef STRAY_AGENT_RECORDER_NOTICE_H_
#define STRAY_AGENT_RECORDER_NOTICE_H_

namespace stray::agent {

// Says in `directory` that this process goes unwatched, and why. False if not even that could be done: the
// session may be over and its directory gone, or out of reach for this user.
bool LeaveNotice(const char* directory, const char* why);

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_NOTICE_H_
