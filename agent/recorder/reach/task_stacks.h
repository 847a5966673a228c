// SPDX-License-Identifier: Apache-2.0
// task_stacks.h: the stacks and registers of all tasks, as they stand in a copy of the process.
#ifndef STRAY_AGENT_RECORDER_REACH_TASK_STACKS_H_
#define STRAY_AGENT_RECORDER_REACH_TASK_STACKS_H_

#include <cstdint>

#include "agent/base/registers.h"
#include "agent/recorder/reach/block_index.h"
#include "agent/recorder/reach/growing.h"
#include "agent/recorder/reach/mappings.h"
#include "agent/recorder/thread.h"
#include "agent/wire/runtime_abi.h"

namespace stray::agent {

// What belongs to one task alone.
struct TaskMemory {
  uint32_t task = 0;           // as in the box; 0: of no task of the program, so that anybody has it
  bool is_reached = false;     // by anybody: the marker's
  uint64_t low = 0, high = 0;  // of its stack in use
  uint64_t other_low = 0, other_high = 0;  // more of it, or what it has been given to run
  // What libc keeps for a thread, at the high end of its stack: a pthread_t, which is no way to what the thread
  // has.
  uint64_t control = UINT64_MAX;
  uint64_t record = 0;    // goroutines: address of the record
  uint64_t argument = 0;  // threads that have not begun
  Registers registers = {};
};

class TaskStacks {
 public:
  // The thread that has made the copy, and goes on in it.
  struct Taker {
    const Thread* thread;
    const Registers* registers;  // where it was interrupted, or where it made the copy
    uint64_t sp;                 // where it made the copy
    bool is_interrupted;
  };

  // Once, while the loader may be asked: where the first frame of main lies, and behind it arguments and
  // environment, which libc points to.
  static void Prepare();

  // False: no memory. Marks in `mappings` nothing. Context: the copy.
  bool Find(const Taker& taker, const Growing<Mapping>& mappings, const BlockIndex& blocks);

  // False: where the stack of some task is cannot be told.
  bool AreAllKnown() const { return are_all_known_; }

  Growing<TaskMemory>& all() { return all_; }

  // The task whose stack `address` lies in: an index of all(), or -1. In a free stack: -1, and `*is_stack` is
  // true.
  int64_t TaskAt(uint64_t address, bool* is_stack) const;

  // The memory that stacks lie in: none of it is a variable.
  const Growing<uint64_t>& starts() const { return starts_; }
  const Growing<uint64_t>& ends() const { return ends_; }

 private:
  struct Piece {
    uint64_t start, end;
    uint32_t* tasks;  // by stack: index of all() + 1
  };
  struct ThreadStack {
    uint64_t start, end;
    uint32_t index;
  };
  void AddPieces();
  void AddThread(const Thread* thread, const Taker& taker, const Growing<Mapping>& mappings,
                 const BlockIndex& blocks);
  void AddGoroutine(const runtime_abi::GoroutineRecord& record, const Growing<Mapping>& mappings,
                    const BlockIndex& blocks);
  Piece* PieceAt(uint64_t address);
  void Own(uint64_t start, uint64_t end, uint32_t index);

  Growing<TaskMemory> all_;
  Growing<Piece> pieces_;
  Growing<ThreadStack> threads_;
  Growing<uint64_t> starts_, ends_;
  Growing<uint64_t> machines_;  // where those stand that were stopped on the stack of a goroutine
  bool are_all_known_ = true;
  uint64_t lowest_ = UINT64_MAX, highest_ = 0;  // of all stacks
  uint64_t stack_bytes_ = 0;
  static uint64_t end_of_main_;
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_REACH_TASK_STACKS_H_
