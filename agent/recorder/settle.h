// SPDX-License-Identifier: Apache-2.0
// settle.h: the time between the end of the program, or of a test in it, and the verdict on what it left
// behind.
#ifndef STRAY_AGENT_RECORDER_SETTLE_H_
#define STRAY_AGENT_RECORDER_SETTLE_H_

#include "agent/recorder/thread.h"

namespace stray::agent {

// Returns as soon as no task but the calling one is alive, or all that are can never be woken (they wait
// without a timeout for each other or for tasks, the kernel has them asleep, and there is no thread
// that we do not know), or after `limit_ns`.
void Settle(const InsideAgent& inside, uint64_t limit_ns);

// The same when a test of the program ends: waits for its tasks only, goroutines too.
void SettleTest(const InsideAgent& inside, uint32_t test, uint64_t limit_ns);

// After fork: nobody is looking here.
void ResetSettle();

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_SETTLE_H_
