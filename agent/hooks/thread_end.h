// SPDX-License-Identifier: Apache-2.0
// thread_end.h: finding out that a thread is through, however it ends.
#ifndef STRAY_AGENT_HOOKS_THREAD_END_H_
#define STRAY_AGENT_HOOKS_THREAD_END_H_

#include "agent/recorder/thread.h"

namespace stray::agent {

// Makes the pthread key whose destructor tells. Once per process.
void InitializeThreadEnd();

// From now on the end of the calling thread is noticed. Not for the main thread, whose end is the program's
// or a pthread_exit(), which runs the destructors as well.
void ArmThreadEnd(Thread* thread);

}  // namespace stray::agent

#endif  // STRAY_AGENT_HOOKS_THREAD_END_H_
