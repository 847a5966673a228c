// SPDX-License-Identifier: Apache-2.0
// goroutine_records.h: the records of the black box that tell of tasks of a goroutine runtime: what a snapshot
// says of each (kGoroutines, kCases, kUses), and what is kept of how they came about (kCreations, kLives).
#ifndef STRAY_AGENT_WIRE_GOROUTINE_RECORDS_H_
#define STRAY_AGENT_WIRE_GOROUTINE_RECORDS_H_

#include "agent/wire/black_box.h"

namespace stray::box {

// Tasks of the goroutine runtime are numbered from here on: the runtime's own number is added.
inline constexpr uint32_t kFirstGoroutine = 1u << 30;

enum GoroutineFlags : uint8_t {
  kGoroutineMain = 1,
  kGoroutineSystem = 2,
  kGoroutineNotStarted = 4,
  kGoroutineIsFiber = 8,
  kGoroutineTimed = 16  // its wait may end by itself
};

// A goroutine in a snapshot.
struct GoroutineState {
  uint64_t wait_address;  // of the object; number of the descriptor
  uint64_t since_ns;      // CLOCK_MONOTONIC, about
  Site created_at;
  uint32_t labels;        // strings, in the form of LabelText in runtime_abi.h, 0: none
  uint32_t creation;      // kCreations, 0: create_stack and created_at are all there is
  uint32_t task;          // kFirstGoroutine and up
  uint32_t creator;       // task, 0: unknown
  uint32_t object;        // kObjects, 0: none
  uint32_t stack;         // kStacks, 0: has not begun, or could not be walked
  uint32_t create_stack;  // kStacks, 0: created_at is all there is
  uint32_t name;          // strings, 0: none
  uint16_t wait_reason;   // WaitReason
  uint8_t state;          // TaskState
  uint8_t flags;          // GoroutineFlags
  int32_t tid;            // kernel thread it runs on, or ran on last
  uint32_t held;          // kHeld: the first of its locks, outermost first
  uint32_t held_count;
  uint32_t cases;  // kCases: the first of its select
  uint32_t case_count;
  uint32_t test;   // as in TaskRecord
  uint32_t place;  // the agent's own
};
static_assert(sizeof(GoroutineState) == 88 && std::is_trivially_copyable_v<GoroutineState>);

// A case of a select that a goroutine waits in.
struct CaseRecord {
  uint32_t object;  // kObjects
  uint32_t sends;
};
static_assert(sizeof(CaseRecord) == 8);

// What one task did on one side of an object.
struct UseRecord {
  Site site;  // of the first time, 0: not kept
  uint64_t count;
  uint32_t object;  // kObjects
  uint32_t task;    // 0: all those that are not kept one by one
  uint32_t side;    // runtime_abi::UseSide
  uint32_t rank;    // 0: the last that used this side
  uint32_t name;    // strings: of the task
  // How long before the snapshot the task ended, plus 1; 0: it has not, or that is not known.
  uint32_t ended_ms;
};
static_assert(sizeof(UseRecord) == 40);

// How tasks came about: the stack of the call that created them, and how the task came about that made it.
struct CreationRecord {
  uint32_t stack;   // kStacks, published last
  uint32_t parent;  // kCreations, 0: the creator was no goroutine, or is not known
  uint32_t depth;   // ancestors that are kept
  uint32_t cut;     // 1: there were more ancestors
};
static_assert(sizeof(CreationRecord) == 16);

// A goroutine that others descend from, that has held two locks at once, or that learnt of one that has.
// Kept when it has ended.
struct LifeRecord {
  uint32_t task;    // kFirstGoroutine and up, published last
  uint32_t parent;  // task that created it, 0: unknown
  uint32_t fork;    // the creator's epoch that this creation began
  uint32_t creation;
  uint32_t name;  // strings
  // The task that has learnt last of all that this one did, and in which epoch of its own; 0: none has.
  uint32_t joined_by;
  uint32_t join_life;
  uint32_t next;  // of those that have told one wait group; kEndOfTold: it is the last
};
inline constexpr uint32_t kEndOfTold = UINT32_MAX;
static_assert(sizeof(LifeRecord) == 32);

}  // namespace stray::box

#endif  // STRAY_AGENT_WIRE_GOROUTINE_RECORDS_H_
