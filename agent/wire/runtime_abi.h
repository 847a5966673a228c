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

inline constexpr uint32_t kRuntimeAbi = 9;

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
  kHasUsed = 16,       // stands, or stood, in ObjectUses: when it ends is kept
};

// An id with this bit is no task of the runtime, but a thread: the rest is the agent's number for it.
inline constexpr uint64_t kThreadNumber = uint64_t{1} << 63;

// Labels of a task. Never changed once a record points to it, and kept as long as one does; `size` bytes of
// text follow: each key, kLabelValue, its value, kLabelEnd.
struct LabelText {
  std::atomic<uint32_t> references;
  uint32_t size;
};
inline constexpr char kLabelValue = '\x1f', kLabelEnd = '\x1e';
inline constexpr uint32_t kMostLabelBytes = 4096;

enum HeldFlags : uint16_t { kHeldForReading = 1, kHeldByTry = 2 };

// A lock that a task has, or is about to take.
struct HeldLock {
  const void* object;
  // Lies in the lock: the agent's number for it, 0: none yet. So a new lock in old memory is told from the old
  // one.
  std::atomic<uint32_t>* number;
  uint64_t site;         // as AgentServices::site_of gives it
  uint16_t wait_reason;  // of who waits for it: tells what it is
  uint16_t flags;        // HeldFlags
};

// The locks that a task has, outermost first. Kept only beside an agent.
inline constexpr uint32_t kMostHeld = 32;
struct HeldLocks {
  std::atomic<uint32_t> version;  // odd while the rest changes
  uint32_t count;
  uint32_t unlisted;  // taken when there was no more room, and not given back since
  HeldLock locks[kMostHeld];
};

// Where a goroutine stands among those that created it and that it creates; the agent's to fill in. Kept only
// beside an agent. `number`: of the goroutine's own record, 0: none yet, since no other refers to it.
struct Life {
  uint32_t number;
  uint32_t parent;  // number of the creator, or its serial as a thread with kThreadLife
  uint32_t fork;    // which of the creator's this one was
  uint32_t forks;   // how many it has created
  // `number`, once it matters what others learn of it: it has held two locks at once, or knows of one that has.
  uint32_t teller;
  uint32_t reserved;
};
inline constexpr uint32_t kThreadLife = uint32_t{1} << 31;

// The last operations of a task that others could learn of. Kept only beside an agent and under
// ThreadSanitizer, whose reports they explain.
inline constexpr uint32_t kRecentOperations = 64;
struct RecentOperation {
  const void* object;
  uint64_t site;      // as AgentServices::site_of gives it
  uint32_t sequence;  // of all operations of all tasks
  uint8_t kind;       // EventKind of the black box
};
struct RecentOperations {
  uint64_t task;   // whose they are: a record is used again
  uint32_t count;  // so far; the ring holds the last kRecentOperations
  RecentOperation ring[kRecentOperations];
};

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
  const LabelText* labels = nullptr;
  int32_t tid = 0;        // kernel thread that it is, or that it ran on last
  uint32_t creation = 0;  // the agent's number for how it came about, 0: not asked
  // The high end of its stack, if that is never unmapped, and stays the same as long as `id` does; else null.
  const void* stack_top = nullptr;
  HeldLocks* held = nullptr;  // null: it has never had a lock
  Life life = {};
  // RuntimeDescriptor::release_clock when it last learnt what others have done.
  uint64_t acquired_at = 0;
  RecentOperations* recent = nullptr;
  uint32_t test = 0;  // the agent's number for the test that it belongs to, 0: none
};

// Who has used a side of an object, the last one first. Kept only beside an agent. Which sides there are
// depends on the kind of object.
enum UseSide : uint8_t {
  kSends = 0,  // channels
  kReceives = 1,
  kCloses = 2,
  kSignals = 0,  // conditions
  kWaits = 1,
  kDones = 0,     // wait groups: what has not brought the counter to zero
  kReleases = 0,  // semaphores
  kAcquires = 1,
};
inline constexpr uint32_t kUseSides = 3, kUsersOfSide = 4;
struct ObjectUse {
  uint64_t task;  // 0: none
  uint64_t count;
  uint64_t site;     // of the first time, as AgentServices::whole_site_of gives it; 0: not kept
  const char* name;  // of the task; kept for ever
};
struct ObjectUses {
  ObjectUse of[kUseSides][kUsersOfSide];
  uint64_t others;  // operations of tasks that have lost their place
  uint32_t sites;   // that were asked for
  uint32_t reserved;
};

// A place in the queue of an object, on the stack of the task that waits, begins with the address of the task's
// record: so whoever looks for pointers can tell it from what belongs to the program.

// A case of a select that waits.
struct WaitingCase {
  const void* channel;
  bool sends;
};
inline constexpr uint32_t kMostCases = 16;  // that are shown

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
  uint32_t number;         // the agent's, of a lock; 0: none
  bool has_uses;
  ObjectUses uses;  // valid if has_uses
  // When the tasks in `uses` have ended, CLOCK_MONOTONIC; 0: they have not, or it is not remembered.
  int64_t ended_ns[kUseSides][kUsersOfSide];
};

// A wait that is to be counted once it is over; the agent's to fill in.
struct BegunWait {
  uint64_t time_ns = 0;  // CLOCK_MONOTONIC; 0: it began when none were counted
  uint64_t holder = 0;   // site where the lock had been taken that it is for; 0: not known
  uint32_t locks = 0;    // how many waits for locks it stands for
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
  // The cases of a select that a goroutine waits in, at most kMostCases; 0: it does not, or they are gone.
  uint32_t (*cases)(const GoroutineRecord* record, WaitingCase* out);
  // Functions of the program that a timer will call: AfterFunc and its like.
  const std::atomic<uint64_t>* pending_calls;
  // Steps whenever a teller (Life::teller) does what another may learn of: sends, signals, ends.
  const std::atomic<uint64_t>* release_clock;
  // The goroutine that the calling thread, which runs goroutines, runs; null: none.
  GoroutineRecord* (*current)();
  // Memory that holds stacks of `stack_bytes` each, side by side: the piece with this number, from 0.
  // False: there are no more.
  bool (*stack_piece)(size_t number, const void** start, size_t* bytes);
  size_t (*stack_bytes)();
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
  // The calling thread creates `child`, as the task `creator` (null: as itself), in the frame that `frame` (of
  // a function that keeps its frame pointer) returns to, at `pc`. Fills in `creation` and `life`.
  void (*note_creation)(GoroutineRecord* child, GoroutineRecord* creator, const void* pc, const void* frame);
  // The place of a call that will return to `pc` from a function with this frame pointer.
  uint64_t (*site_of)(const void* pc, const void* frame);
  // The calling task, which has these locks, outermost first, is about to take `wanted` beside them.
  void (*note_lock_order)(GoroutineRecord* task, const HeldLock* held, uint32_t count, const HeldLock* wanted);
  // The place of a call, as above, with its whole stack.
  uint64_t (*whole_site_of)(const void* pc, const void* frame);
  // `task` is to be remembered when it has ended.
  void (*keep_life)(GoroutineRecord* task);
  // `task`, a teller, tells others what it did so far: puts its number into `list`.
  void (*note_told)(GoroutineRecord* task, std::atomic<uint32_t>* list);
  // The calling task has learnt what the one with this number did, or all those in the list that it begins.
  void (*note_joined)(GoroutineRecord* task, uint32_t number, bool is_list);
  // The threads that the calling one creates from now on will run goroutines, or will not any more. Else one
  // that has not begun when the program ends would be the program's own.
  void (*make_machines)(bool makes_them);
  // Waits are counted while this is not 0.
  const std::atomic<uint32_t>* counts_waits;
  // The calling task is about to wait; and, in the function that it waited in, does no more. Either may be
  // called without the other.
  void (*begin_wait)(uint16_t wait_reason, const void* object, BegunWait* out);
  void (*end_wait)(const GoroutineRecord* task, const BegunWait& begun);
};

}  // namespace stray::runtime_abi

extern "C" {
// Exported by the agent. Null: it cannot work with this runtime. Thread-safe.
const stray::runtime_abi::AgentServices* stray_agent_attach(
    const stray::runtime_abi::RuntimeDescriptor* runtime);
}

#endif  // STRAY_AGENT_WIRE_RUNTIME_ABI_H_
