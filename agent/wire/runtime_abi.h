// SPDX-License-Identifier: Apache-2.0
// runtime_abi.h: what the goroutine runtime and the agent tell each other, in one process. Both read these
// layouts; `kRuntimeAbi` changes with any of them, and a runtime and an agent of different numbers leave each
// other alone.
//
//   runtime                                   agent
//   starts: looks for stray_agent_attach -->  keeps the RuntimeDescriptor
//           keeps the AgentServices      <--
//   runs, and tells nothing                   at a snapshot: walks the records where they are
//
// Records are written by the runtime with plain stores and read meanwhile: a reader copies, then looks whether
// `id`, `state` and `context` are still the same.
#ifndef STRAY_AGENT_WIRE_RUNTIME_ABI_H_
#define STRAY_AGENT_WIRE_RUNTIME_ABI_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace stray::runtime_abi {

inline constexpr uint32_t kRuntimeAbi = 4;

// kFiber: of a scheduler that is not ours, by stray/annotate.h.
enum TaskKind : uint8_t { kGoroutine = 1, kThread = 2, kFiber = 3 };

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
  kWaitsForTimer = 8,  // which is one of those that can end the wait
};

// An id with this bit is no task of the runtime, but a thread: the rest is the agent's number for it.
inline constexpr uint64_t kThreadNumber = uint64_t{1} << 63;

// A task of the runtime: a goroutine, a thread that uses its channels and locks, or somebody else's fiber.
struct GoroutineRecord {
  std::atomic<uint64_t> id{0};  // 1, 2, ... in the order of creation, nearly; 0: free
  std::atomic<uint8_t> state{0};
  uint8_t kind = 0;
  uint16_t wait_reason = 0;  // while it waits; of wait_reasons.inc
  uint32_t flags = 0;
  const void* wait_object = nullptr;
  int64_t wait_since_ns = 0;         // CLOCK_MONOTONIC, up to some ms old
  void* context[3] = {};             // sp, fp, pc while it does not run
  const void* created_at = nullptr;  // return address of stray::Go in the creator
  uint64_t creator = 0;              // id
  const char* name = nullptr;        // kept for ever
  const void* labels = nullptr;
  int32_t tid = 0;            // kernel thread that it is, or that it ran on last
  uint32_t create_stack = 0;  // the agent's number for the stack of its creation, 0: not asked
  // The high end of its stack, if that is never unmapped, and stays the same as long as `id` does; else null.
  const void* stack_top = nullptr;
};

// What RuntimeDescriptor::describe says of an object that a task waits for.
struct ObjectDescription {
  uint8_t kind;  // of object_kinds.inc
  bool closed;
  uint64_t length, capacity;
  const char* name;        // kept for ever, or null
  const void* created_at;  // return address, or null
  uint64_t created_by;     // task
  uint64_t holder;         // task that holds it, 0: none, or it has none
  const void* held_at;     // return address of the call that took it
};

struct RuntimeDescriptor {
  uint32_t abi;
  uint32_t record_stride;  // bytes from record to record
  uint32_t chunk_records;  // in each chunk
  uint32_t reserved;
  const void* const* chunks;
  const std::atomic<size_t>* chunk_count;
  // The object that a task with this wait reason waits for. False: it is gone. Context: signal handler.
  bool (*describe)(uint16_t wait_reason, const void* object, ObjectDescription* out);
};

struct AgentServices {
  uint32_t abi;
  uint32_t settle_ms;  // how long goroutines get to end once main has
  // The calling thread runs goroutines (or does so no more): it is no task of the program's own.
  void (*mark_machine)(bool is_machine);
  // The program is about to die of a misuse by `task`: `kind` is a number of misuse_kinds.inc, `wait_reason`
  // one that tells what `object` is (which may be null).
  void (*report_misuse)(uint32_t kind, const char* call, uint64_t task, uint16_t wait_reason,
                        const void* object);
  // It is about to die of a panic or fatal error; `all_asleep`: because nothing can ever run again.
  void (*report_death)(bool all_asleep);
  // Takes the snapshots that are asked for, in the calling thread, which must not get signals. Calls `ready` as
  // soon as that counts as none of the program's. Never returns, but soon where it cannot serve. Without such a
  // thread one of those that run goroutines takes the snapshots, and the others wait.
  void (*serve_snapshots)(void (*ready)());
  // The agent's number for the calling thread, 0: it has none.
  uint32_t (*thread_number)();
  // The number of the stack of the caller, 0: there is no more room.
  uint32_t (*capture_stack)();
};

}  // namespace stray::runtime_abi

extern "C" {
// Exported by the agent. Null: it cannot work with this runtime. Thread-safe.
const stray::runtime_abi::AgentServices* stray_agent_attach(
    const stray::runtime_abi::RuntimeDescriptor* runtime);
}

#endif  // STRAY_AGENT_WIRE_RUNTIME_ABI_H_
