// SPDX-License-Identifier: Apache-2.0
// misuse.h: the catalogue of wrong uses, each kind, stack and place of the other party kept once and counted.
#ifndef STRAY_AGENT_RECORDER_MISUSE_H_
#define STRAY_AGENT_RECORDER_MISUSE_H_

#include "agent/recorder/thread.h"

namespace stray::agent {

struct MisuseFacts {
  wire::MisuseKind kind;
  const char* call;  // name of the function
  uint32_t object = 0;
  int error = 0;              // what the call returned
  uint32_t other_task = 0;    // owner, waiter, joined task
  wire::Site other_site = 0;  // where the other party got it
  uint32_t other_object = 0;
  uint32_t task = 0;  // who did it, if not the thread itself: the goroutine that it runs
};

// Records a misuse by `thread`, with its stack. Context: a hook, not yet inside the agent or inside it.
void ReportMisuse(const InsideAgent& inside, Thread* thread, const MisuseFacts& facts);

// How often misuse was reported in this process.
uint64_t MisuseCount();

// An object of `kind` whose memory shows that it was destroyed is used by `call`. Reported for the first use
// only: from then on it counts as a new object.
void ReportUseDestroyed(const InsideAgent& inside, Thread* thread, wire::ObjectKind kind, const void* address,
                        const char* call);

// The task that holds `object` according to the held locks of all tasks, and where it took it.
struct Holder {
  uint32_t task = 0;
  wire::Site site = 0;
};
Holder FindHolder(const InsideAgent& inside, uint32_t object);

// `task` does not hold `object` any more, because another task gave it up in its place (which glibc lets
// happen).
void ForgetHolder(const InsideAgent& inside, uint32_t task, uint32_t object);

// The first task that waits on `object`; 0 if none.
uint32_t FindWaiter(const InsideAgent& inside, uint32_t object, const Thread* except);

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_MISUSE_H_
