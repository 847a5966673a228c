// SPDX-License-Identifier: Apache-2.0
// threads.h: the life of tasks: creation, start, end, join, detach; and finding one by pthread_t.
#ifndef STRAY_AGENT_RECORDER_THREADS_H_
#define STRAY_AGENT_RECORDER_THREADS_H_

#include <pthread.h>

#include "agent/recorder/thread.h"

namespace stray::agent {

class Threads {
 public:
  // Sets up the tables. False: no memory. Once per process (again after fork).
  static bool Initialize();

  // Create() follows soon: brings what it will touch, which is cold after so many other threads, into the
  // cache.
  static void FetchNext();

  // A record for a thread that is about to be created by `parent` (null: unknown), or null when the table
  // is full. `create_stack` is an id of Stacks.
  static Thread* Create(const InsideAgent& inside, Thread* parent, uint32_t create_stack,
                        uint64_t start_routine);
  // Creation failed after all.
  static void Discard(const InsideAgent& inside, Thread* thread);

  // The thread has been created and this is its handle. Needed because it may be joined before it has run
  // at all; harmless if it has run, or even ended and been replaced, in the meantime.
  static void Created(const InsideAgent& inside, Thread* thread, uint32_t serial, pthread_t handle);

  // Called first thing on the new thread (or on one that just became known): binds it to `thread`.
  static void Bind(const InsideAgent& inside, Thread* thread);
  // The thread is through: no hook will see it again. Waits for a walk of its stack to finish.
  static void End(const InsideAgent& inside, Thread* thread);

  // The live or finished, not yet joined task with this handle; null if there is none that we know.
  static Thread* Find(const InsideAgent& inside, pthread_t handle);
  // A task with this handle that has been joined or detached and is gone; null if unknown.
  static wire::TaskRecord* FindGone(const InsideAgent& inside, pthread_t handle);

  static void MarkJoined(const InsideAgent& inside, Thread* target, Thread* by);
  static void MarkDetached(const InsideAgent& inside, Thread* target);

  // Slots in use, and the thread of each; for walks over all tasks. Entries with serial 0 are to be skipped.
  static uint32_t SlotCount();
  static Thread* At(uint32_t slot);
  // Tasks other than `except` that have not finished.
  static uint32_t CountLive(const Thread* except);
  // Counts ends of tasks. A futex word: from the first call on, each end wakes who sleeps on it.
  static uint32_t* EndCounter();

  // Next value of the clock that orders creations, ends and joins.
  static uint32_t TickLife();
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_THREADS_H_
