// SPDX-License-Identifier: Apache-2.0
// hold.h: all threads stand still for some milliseconds, so that their memory is of one moment.
//
// Threads that run are told by the snapshot signal, and wait in its handler. Those that are blocked stay where
// they are, and wait when they come back from there: WaitScope looks at `Hold::word`. Between the two nobody
// gets through: the taker has stored the word and made every processor see it (membarrier) before it looks
// whether a thread is blocked.
#ifndef STRAY_AGENT_RECORDER_HOLD_H_
#define STRAY_AGENT_RECORDER_HOLD_H_

#include "agent/recorder/thread.h"

namespace stray::agent {

class Hold {
 public:
  // Once, if there will ever be a hold: what it costs the kernel to make processors see a store is paid here.
  static void Prepare();

  // False: some thread could not be stopped, and none is any more. Context: the one snapshot.
  static bool Begin();
  static void End();

  // Whether `thread` waits because of it, at its registers.
  static bool Has(const Thread* thread);
  // The lowest address of its stack in use then: below its registers, where it waits in a signal handler. There
  // the kernel has saved all of them; what the handler's own frames hold besides is left over from anything.
  static uint64_t StackOf(const Thread* thread);

  // Keeps in the calling thread, `thread`, where its alternate signal stack is.
  static void NoteHandlerStack(Thread* thread);

  // Called in a thread that may go on no further: returns when it may.
  // `context`: in a signal handler, what the kernel has given it.
  static void WaitIfHeld(Thread* thread, const Registers& registers, const void* context = nullptr) {
    if (STRAY_UNLIKELY((__atomic_load_n(&word, __ATOMIC_ACQUIRE) & 1) != 0)) Wait(thread, registers, context);
  }
  static bool IsOn() { return (__atomic_load_n(&word, __ATOMIC_RELAXED) & 1) != 0; }

  // After fork: nobody holds us.
  static void Reset();

  static uint32_t word __attribute__((visibility("hidden")));  // odd: threads are held

 private:
  // False: nothing is held, but `word` is still odd.
  static bool TryBegin(bool* is_signal_blocked);
  static void Wait(Thread* thread, const Registers& registers, const void* context);
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_HOLD_H_
