// SPDX-License-Identifier: Apache-2.0
// goroutine_record.h: what the runtime keeps of a task for whoever looks at it from outside: the agent at a
// snapshot, and the runtime's own last words. The layout is shared with the agent; `kRecordVersion` changes
// with it.
#ifndef STRAY_INSTRUMENTATION_BRIDGE_GOROUTINE_RECORD_H_
#define STRAY_INSTRUMENTATION_BRIDGE_GOROUTINE_RECORD_H_

#include <atomic>
#include <cstdint>

namespace stray::bridge {

inline constexpr uint32_t kRecordVersion = 1;

enum TaskKind : uint8_t { kGoroutine = 1, kThread = 2 };

enum class TaskState : uint8_t {
  kDead = 0,  // the record is free
  kRunnable = 1,
  kRunning = 2,
  kWaiting = 3,
  kInCall = 4,  // in BlockingCall(): the thread may be blocked
};

enum RecordFlags : uint32_t {
  kIsMain = 1,
  kIsSystem = 2,  // of the runtime itself, or a timer's: not the program's to end
  kNotStarted = 4,
};

struct GoroutineRecord {
  std::atomic<uint64_t> id{0};  // 1, 2, ... in the order of creation, nearly; 0: free
  std::atomic<uint8_t> state{0};
  uint8_t kind = 0;
  uint16_t wait_reason = 0;  // while it waits; of agent/wire/wait_reasons.inc
  uint32_t flags = 0;
  const void* wait_object = nullptr;
  int64_t wait_since_ns = 0;         // CLOCK_MONOTONIC, up to some ms old
  void* context[3] = {};             // sp, fp, pc while it does not run
  const void* created_at = nullptr;  // return address of stray::Go in the creator
  uint64_t creator = 0;              // id
  const char* name = nullptr;        // of static storage, or kept for ever
  const void* labels = nullptr;
};

}  // namespace stray::bridge

#endif  // STRAY_INSTRUMENTATION_BRIDGE_GOROUTINE_RECORD_H_
