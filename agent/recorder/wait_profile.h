// SPDX-License-Identifier: Apache-2.0
// wait_profile.h: waits that are over, counted by where they were: what Go calls the block and the mutex
// profile.
//
//   block   where tasks waited, whatever for
//   mutex   where locks had been taken that others then waited for
//
// Off unless asked for. Then not every wait is counted, but some, each for as many as it stands for, as Go does
// it (runtime/mprof.go): waits of at least the block rate all, of the shorter ones so many, at random, that one
// is counted for each `rate` of waiting; and one of so many waits for locks as the mutex fraction says. The
// stack is walked when the wait has ended. One that is counted costs some microseconds, one that is not two
// looks at the clock.
#ifndef STRAY_AGENT_RECORDER_WAIT_PROFILE_H_
#define STRAY_AGENT_RECORDER_WAIT_PROFILE_H_

#include <atomic>

#include "agent/recorder/thread.h"
#include "agent/wire/runtime_abi.h"

namespace stray::agent {

class WaitProfile {
 public:
  using Begun = runtime_abi::BegunWait;

  // For a new black box.
  static bool Initialize(uint64_t block_rate_ns, uint64_t mutex_fraction);

  // Takes over what the black box says of rates. Context: the one request.
  static void FollowBox();

  static bool IsOn() { return counts_.load(std::memory_order_relaxed) != 0; }
  // Not 0: IsOn().
  static const std::atomic<uint32_t>* Switch() { return &counts_; }

  // The calling thread is about to wait for `object`; asks where its holder took it.
  static Begun Begin(wire::WaitReason reason, uint32_t object);
  // The same for an object of the runtime.
  static Begun Begin(const InsideAgent& inside, wire::WaitReason reason, const void* object);

  // A wait that began as `begun` says, or, if that was not kept, about at `since_ns`, is over. The stack is
  // that of the caller.
  static void End(const InsideAgent& inside, wire::WaitReason reason, const Begun& begun, uint64_t since_ns);

 private:
  static std::atomic<uint32_t> counts_ __attribute__((visibility("hidden")));
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_WAIT_PROFILE_H_
