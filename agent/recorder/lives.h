// SPDX-License-Identifier: Apache-2.0
// lives.h: which goroutine created which, and in what order, for those where it matters: what a goroutine did
// before it created another comes before all that the other does.
//
// Most goroutines hold no two locks at once and create none, and then nothing is kept of them. The others get a
// record, which outlives them: a goroutine when it first creates another, when it first takes a lock while it
// holds one, when it learns what one with a record did, or when it ends with a lock.
#ifndef STRAY_AGENT_RECORDER_LIVES_H_
#define STRAY_AGENT_RECORDER_LIVES_H_

#include "agent/recorder/thread.h"
#include "agent/wire/runtime_abi.h"

namespace stray::agent {

class Lives {
 public:
  // `child` is being created by `creator`, or, if that is null or no goroutine, by the calling thread itself.
  static void Fork(Thread* thread, runtime_abi::GoroutineRecord* child, runtime_abi::GoroutineRecord* creator);

  // The number of the goroutine's record, made if need be; 0: no room. Called by the goroutine itself.
  static uint32_t Number(runtime_abi::GoroutineRecord* task);

  // What joins are to a thread. A goroutine tells others what it did by a list that a wait group keeps, or
  // directly; who learns of it comes after all that it did.
  static void Tell(runtime_abi::GoroutineRecord* task, std::atomic<uint32_t>* list);
  static void Join(Thread* thread, runtime_abi::GoroutineRecord* task, uint32_t number, bool is_list);
  // It goes on after it was joined.
  static void GoOn(const runtime_abi::GoroutineRecord* task);
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_LIVES_H_
