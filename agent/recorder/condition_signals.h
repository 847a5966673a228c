// SPDX-License-Identifier: Apache-2.0
// condition_signals.h: which of those who wait on a condition have been woken, though they may not have run
// yet.
//
// Of a condition's record, `holder` is its generation, which each broadcast moves on and no other condition
// with the same record has had, and `value` counts the signals sent in this generation. How many of them waits
// have used up is counted by each thread for itself: a thread that wakes up in a ping-pong is on the critical
// path, and would have to fetch the cache line that its waker has just written.
//
//   woken but still waiting = value - what all threads have used of this generation; never too small but in
//   the moment between a signal and its note, which no correct program can use to destroy the condition: the
//   thread that sent the signal is still inside pthread_cond_signal.
//
// Signals of other processes are not seen: of process-shared conditions nothing of this can be said.
#ifndef STRAY_AGENT_RECORDER_CONDITION_SIGNALS_H_
#define STRAY_AGENT_RECORDER_CONDITION_SIGNALS_H_

#include "agent/recorder/objects.h"
#include "agent/recorder/thread.h"

namespace stray::agent {

// A signal or broadcast was sent to `condition`.
inline void NoteSignalSent(uint32_t condition) {
  __atomic_fetch_add(&Objects::Record(condition)->value, 1, __ATOMIC_RELAXED);
}
inline void NoteBroadcastSent(uint32_t condition) {
  wire::ObjectRecord* record = Objects::Record(condition);
  __atomic_store_n(&record->value, 0, __ATOMIC_RELAXED);
  __atomic_fetch_add(&record->holder, 1, __ATOMIC_RELAXED);
}

// The thread begins to wait on `condition`.
inline void NoteGeneration(Thread* thread, uint32_t condition) {
  thread->wait_generation = __atomic_load_n(&Objects::Record(condition)->holder, __ATOMIC_RELAXED);
}

// Takes what the thread has counted into the record.
void FoldUsedSignals(Thread* thread);

// The thread's wait on `condition` was ended by a signal or broadcast.
inline void NoteSignalUsed(Thread* thread, uint32_t condition) {
  UsedSignals& used = thread->used_signals;
  if (STRAY_UNLIKELY(used.condition != condition || used.generation != thread->wait_generation)) {
    FoldUsedSignals(thread);
    used.condition = condition;
    used.generation = thread->wait_generation;
  }
  ++used.count;
}

// A task other than `except` that waits on `condition` and that no signal or broadcast so far can have woken; 0
// if there is none.
uint32_t FindUnwokenWaiter(const InsideAgent& inside, uint32_t condition, const Thread* except);

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_CONDITION_SIGNALS_H_
