// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/reach/task_stacks.h"

#include <dlfcn.h>

#include "agent/recorder/goroutines.h"
#include "agent/recorder/hold.h"
#include "agent/recorder/threads.h"
#include "agent/wire/goroutine_records.h"

namespace stray::agent {
namespace {

using AbiState = runtime_abi::TaskState;

constexpr uint64_t kRedZone = 128;        // below the stack pointer, which a leaf function may use
constexpr uint64_t kGuard = 4096;         // below the stack of a goroutine: cannot be read
constexpr uint64_t kControlBlock = 4096;  // a pthread_t points to it; thread-local variables lie below
constexpr uint64_t kControlBytes = 2304;  // sizeof(struct pthread) of glibc, or a little less

bool IsFinished(const wire::TaskRecord& record) {
  return record.state == static_cast<uint8_t>(wire::TaskState::kFinished);
}

bool IsBlocked(const Thread* thread) { return (thread->record->wait_seq & 1) != 0; }

}  // namespace

uint64_t TaskStacks::end_of_main_ = UINT64_MAX;

void TaskStacks::Prepare() {
  const auto* end = static_cast<void* const*>(dlsym(RTLD_DEFAULT, "__libc_stack_end"));
  if (end != nullptr) end_of_main_ = reinterpret_cast<uint64_t>(*end);
}

void TaskStacks::Own(uint64_t start, uint64_t end, uint32_t index) {
  threads_.Push({start, end, index});
  starts_.Push(start);
  ends_.Push(end);
  if (start < lowest_) lowest_ = start;
  if (end > highest_) highest_ = end;
}

void TaskStacks::AddPieces() {
  stack_bytes_ = Goroutines::StackBytes();
  Piece piece = {};
  for (size_t i = 0; Goroutines::StackPiece(i, &piece.start, &piece.end); ++i) {
    piece.tasks =
        static_cast<uint32_t*>(MapMemory((piece.end - piece.start) / stack_bytes_ * sizeof(uint32_t)));
    if (piece.tasks == nullptr) pieces_.is_full = true;
    pieces_.Push(piece);
    starts_.Push(piece.start);
    ends_.Push(piece.end);
    if (piece.start < lowest_) lowest_ = piece.start;
    if (piece.end > highest_) highest_ = piece.end;
  }
}

TaskStacks::Piece* TaskStacks::PieceAt(uint64_t address) {
  for (Piece& piece : pieces_) {
    if (address >= piece.start && address < piece.end) return &piece;
  }
  return nullptr;
}

void TaskStacks::AddThread(const Thread* thread, const Taker& taker, const Growing<Mapping>& mappings,
                           const BlockIndex& blocks) {
  const wire::TaskRecord& record = *thread->record;
  TaskMemory memory;
  memory.task = (record.flags & (wire::kTaskMachine | wire::kTaskAgent)) != 0 ? 0 : record.serial;
  memory.argument = reinterpret_cast<uint64_t>(thread->start_argument);
  const auto index = static_cast<uint32_t>(all_.size());
  if (record.tid == 0) {
    all_.Push(memory);
    return;
  }
  const bool is_taker = thread == taker.thread;
  memory.registers = is_taker ? *taker.registers : thread->registers;
  // Where it is now, which may be in a handler of ours with all registers above, perhaps on another stack.
  uint64_t now = memory.registers.sp;
  if (is_taker) now = taker.sp;
  if (!is_taker && !IsBlocked(thread)) now = Hold::StackOf(thread);
  uint64_t low = is_taker && !taker.is_interrupted ? now : memory.registers.sp - kRedZone;
  const Mapping* mapping = FindMapping(mappings, low);
  if (mapping == nullptr) {
    if ((record.flags & wire::kTaskAgent) == 0) are_all_known_ = false;
    return;
  }
  if (now < low && now >= mapping->start) low = now;
  if (now < mapping->start || now >= mapping->end) {
    const Mapping* other = FindMapping(mappings, now);
    const Block block = blocks.Find(now);
    memory.other_low = now;
    memory.other_high = block.start != 0 ? block.end : other == nullptr ? now : other->end;
  }
  // What handlers have left there, the agent's among them, is nobody's; the part in use has been taken up
  // above.
  if ((is_taker || Hold::Has(thread)) && thread->handler_stack != 0) {
    starts_.Push(thread->handler_stack);
    ends_.Push(thread->handler_stack_end);
    if (memory.other_high > thread->handler_stack_end && now < thread->handler_stack_end)
      memory.other_high = thread->handler_stack_end;
  }
  memory.low = low;
  memory.high = mapping->end;
  const Block block = blocks.Find(low);
  const bool has_handle = record.handle > low && record.handle < mapping->end;
  if (has_handle) memory.control = record.handle;
  if (mapping->is_stack) memory.control = end_of_main_;
  if (!has_handle && record.handle != 0) {
    // Of main, libc keeps it elsewhere; it points back to the stack.
    starts_.Push(record.handle);
    ends_.Push(record.handle + kControlBytes);
  }
  if (has_handle && record.handle + kControlBlock < memory.high) memory.high = record.handle + kControlBlock;
  if (block.start != 0 && block.end < memory.high) memory.high = block.end;
  // On the stack of a goroutine: that is the goroutine's. The rest of the thread's own is its machine's.
  if (const Piece* piece = PieceAt(low); piece != nullptr) {
    memory.low = memory.high = 0;
    memory.task = 0;
    machines_.Push(low);
    if (const Mapping* own = FindMapping(mappings, record.handle); own != nullptr) {
      memory.low = own->start;
      memory.high = record.handle + kControlBlock < own->end ? record.handle + kControlBlock : own->end;
      Own(memory.low, memory.high, index);
    }
  } else if (block.start == 0) {
    // Without a guard below, what lies there may be another's.
    const bool is_alone = mapping->is_stack || (has_handle && HasGuard(mappings, *mapping));
    Own(is_alone ? mapping->start : low, memory.high, index);
    // It has nothing of the program's, but addresses of all that it has recorded.
    if ((record.flags & wire::kTaskAgent) != 0 && has_handle) memory = {};
  }
  all_.Push(memory);
}

void TaskStacks::AddGoroutine(const runtime_abi::GoroutineRecord& record, const Growing<Mapping>& mappings,
                              const BlockIndex& blocks) {
  TaskMemory memory;
  const auto index = static_cast<uint32_t>(all_.size());
  const auto state = static_cast<AbiState>(record.state.load(std::memory_order_relaxed));
  memory.task = (record.flags & runtime_abi::kIsSystem) != 0
                    ? 0
                    : wire::kFirstGoroutine + static_cast<uint32_t>(record.id.load(std::memory_order_relaxed));
  memory.record = reinterpret_cast<uint64_t>(&record);
  memory.other_low = memory.record;
  memory.other_high = memory.record + Goroutines::RecordBytes();
  const auto top = reinterpret_cast<uint64_t>(record.stack_top);
  const auto sp = reinterpret_cast<uint64_t>(record.context[0]);
  const bool is_parked = state == AbiState::kWaiting || state == AbiState::kRunnable;
  if ((record.flags & runtime_abi::kNotStarted) == 0) {
    const uint64_t within = is_parked ? sp : top - 1;
    if (const Piece* piece = PieceAt(within); piece != nullptr) {
      const uint64_t number = (within - piece->start) / stack_bytes_;
      const uint64_t start = piece->start + number * stack_bytes_;
      piece->tasks[number] = index + 1;
      memory.low = is_parked ? sp - kRedZone : start + kGuard;
      memory.high = start + stack_bytes_;
      // Stopped in the middle of parking it may stand deeper than it has noted.
      for (uint64_t machine : machines_) {
        if (machine > start && machine < memory.low) memory.low = machine;
      }
    } else if (const Mapping* mapping = FindMapping(mappings, within); mapping != nullptr && is_parked) {
      // The stack of a scheduler that is not ours.
      const Block block = blocks.Find(within);
      memory.low = sp - kRedZone;
      memory.high = block.start != 0 ? block.end : top > sp && top <= mapping->end ? top : mapping->end;
    }
  }
  all_.Push(memory);
}

bool TaskStacks::Find(const Taker& taker, const Growing<Mapping>& mappings, const BlockIndex& blocks) {
  AddPieces();
  for (uint32_t slot = 0, slots = Threads::SlotCount(); slot < slots; ++slot) {
    const Thread* thread = Threads::At(slot);
    if (thread->record == nullptr || thread->record->serial == 0 || IsFinished(*thread->record)) continue;
    AddThread(thread, taker, mappings, blocks);
  }
  struct Context {
    TaskStacks* stacks;
    const Growing<Mapping>* mappings;
    const BlockIndex* blocks;
  } context = {this, &mappings, &blocks};
  Goroutines::ForEachLive(
      [](const runtime_abi::GoroutineRecord& record, void* argument) {
        const auto* at = static_cast<Context*>(argument);
        at->stacks->AddGoroutine(record, *at->mappings, *at->blocks);
        return true;
      },
      &context);
  return !all_.is_full && !pieces_.is_full && !threads_.is_full && !starts_.is_full && !ends_.is_full &&
         !machines_.is_full;
}

int64_t TaskStacks::TaskAt(uint64_t address, bool* is_stack) const {
  *is_stack = false;
  if (address < lowest_ || address >= highest_) return -1;
  for (const Piece& piece : pieces_) {
    if (address < piece.start || address >= piece.end) continue;
    *is_stack = true;
    return static_cast<int64_t>(piece.tasks[(address - piece.start) / stack_bytes_]) - 1;
  }
  for (const ThreadStack& stack : threads_) {
    if (address < stack.start || address >= stack.end) continue;
    *is_stack = true;
    return stack.index;
  }
  return -1;
}

}  // namespace stray::agent
