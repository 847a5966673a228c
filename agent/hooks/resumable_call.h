// SPDX-License-Identifier: Apache-2.0
// resumable_call.h: a blocking call that the agent's own signal must not end.
//
// After any handler has run, SA_RESTART or not, some calls return EINTR (signal(7)): sleeping, poll and its
// kind, pause, sigtimedwait, System V IPC, sockets with a timeout. A program would wake up from its sleep only
// because somebody looked at it. So the hook makes the call again:
//
//   hook                            kernel                     handler of the agent
//   real call --------------------> blocks
//                                   signal: EINTR -----------> sees "EINTR, right behind a system call";
//                                                              keeps the mask, has all signals blocked on
//                                                              return
//   WasInterrupted()  <-----------------------------------------
//   makes the call again with what is left of its time, and with Mask() where it can take one
//   restores the mask
//
// Signals stay blocked in between so that none of the program's is lost: one that came meanwhile is delivered
// inside the second call, which it ends as it would have ended the first.
#ifndef STRAY_AGENT_HOOKS_RESUMABLE_CALL_H_
#define STRAY_AGENT_HOOKS_RESUMABLE_CALL_H_

#include <signal.h>
#include <time.h>

#include <cstdint>

#include "agent/recorder/thread.h"

namespace stray::agent {

// From construction to destruction, inside a WaitScope of the same thread. The real call must be a single
// system call, and return EINTR to its caller: one that repeats itself would do so with all signals blocked.
class ResumableCall {
 public:
  explicit ResumableCall(const Thread* thread) : thread_(thread), outer_(tls.call) {
    tls.call = {.wait_seq = thread->record->wait_seq};
  }
  ~ResumableCall() {
    if (STRAY_UNLIKELY(tls.call.mask_kept != 0)) UnblockSignals();
    tls.call = outer_;
  }
  ResumableCall(const ResumableCall&) = delete;
  ResumableCall& operator=(const ResumableCall&) = delete;

  // Whether the agent's signal ended the call since the last question.
  bool WasInterrupted() {
    if (STRAY_LIKELY(tls.call.interrupted == 0)) return false;
    tls.call.interrupted = 0;
    return true;
  }

  // The signal mask of the program, for a call that sets it while it blocks.
  const sigset_t* Mask();
  // Sets it, for a call that cannot. False with EINTR if a handler of the program was due, and has run: the
  // call is not to be made again.
  bool UnblockSignals();

  // Waits for what a socket with a timeout (SO_RCVTIMEO, SO_SNDTIMEO) was waited for; at once for anything
  // else. False with errno, EAGAIN when its time is over: the call is not to be made again.
  bool AwaitSocket(wire::WaitReason reason, int fd);

  // What is left of a call that was to last `length`: up to 10 ms too much, never too little, since the start
  // is known by a coarse clock only.
  timespec Left(const timespec& length) const;
  timespec Left(int64_t length_ns) const;
  int LeftMs(int length_ms) const;

  // For the agent's signal handlers: notes that the call is interrupted, if it is one, in `context`.
  static void NoteInterruption(void* context);

 private:
  const Thread* thread_;
  CallState outer_;  // a handler of the program may make such a call inside one
  sigset_t mask_;
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_HOOKS_RESUMABLE_CALL_H_
