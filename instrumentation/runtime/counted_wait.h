// SPDX-License-Identifier: Apache-2.0
// counted_wait.h: tells the agent of a wait that begins and ends, while it counts them. Else a test of two
// words.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_COUNTED_WAIT_H_
#define STRAY_INSTRUMENTATION_RUNTIME_COUNTED_WAIT_H_

#include "instrumentation/bridge/agent_link.h"
#include "instrumentation/runtime/task.h"

namespace stray::runtime {

// From construction to destruction, in the function in which the task stops, and goes on.
class CountedWait {
 public:
  CountedWait(const Task* task, WaitReason reason, const void* object) : task_(task) {
    if (IsCounting()) [[unlikely]]
      bridge::AgentLink::Services()->begin_wait(static_cast<uint16_t>(reason), object, &begun_);
  }
  ~CountedWait() {
    if (IsCounting() && (task_->record.flags & bridge::kIsSystem) == 0) [[unlikely]]
      bridge::AgentLink::Services()->end_wait(&task_->record, begun_);
  }
  CountedWait(const CountedWait&) = delete;
  CountedWait& operator=(const CountedWait&) = delete;

 private:
  static bool IsCounting() {
    const runtime_abi::AgentServices* agent = bridge::AgentLink::Services();
    return agent != nullptr && agent->counts_waits->load(std::memory_order_relaxed) != 0;
  }

  const Task* task_;
  runtime_abi::BegunWait begun_;
};

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_COUNTED_WAIT_H_
