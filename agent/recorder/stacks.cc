// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/stacks.h"

#include <libunwind.h>
#include <string.h>

#include "agent/recorder/box.h"
#include "agent/recorder/modules.h"
#include "agent/recorder/unwind_shims.h"
#include "agent/recorder/walk_memory.h"

extern "C" {
extern const char __ehdr_start __attribute__((visibility("hidden")));
extern const char _end __attribute__((visibility("hidden")));
}

namespace stray::agent {
namespace {

using wire::RegionId;
using wire::StackRecord;

constexpr int kWalkLimit = static_cast<int>(sizeof(StackBuffer::frames) / sizeof(uint64_t));

uint32_t* index_slots = nullptr;  // ids by hash, open addressing
uint64_t index_mask = 0;
SpinLock lock;

void ContextFrom(const Registers& registers, unw_context_t* context) {
  memset(context, 0, sizeof(*context));
#if defined(__x86_64__)
  auto& gregs = context->uc_mcontext.gregs;
  gregs[REG_RIP] = static_cast<greg_t>(registers.pc);
  gregs[REG_RSP] = static_cast<greg_t>(registers.sp);
  gregs[REG_RBP] = static_cast<greg_t>(registers.bp);
  gregs[REG_RBX] = static_cast<greg_t>(registers.bx);
  gregs[REG_R12] = static_cast<greg_t>(registers.r12);
  gregs[REG_R13] = static_cast<greg_t>(registers.r13);
  gregs[REG_R14] = static_cast<greg_t>(registers.r14);
  gregs[REG_R15] = static_cast<greg_t>(registers.r15);
#elif defined(__aarch64__)
  auto& machine = context->uc_mcontext;
  machine.pc = registers.pc;
  machine.sp = registers.sp;
  machine.regs[29] = registers.fp;
  machine.regs[30] = registers.lr;
  for (int i = 0; i < 10; ++i) machine.regs[19 + i] = registers.x19_x28[i];
#endif
}

// Follows `cursor` step by step, for frames that cached rules cannot describe. Returns the depth reached.
int StepThrough(unw_cursor_t* cursor, void** buffer, int size) {
  int depth = 0;
  while (depth < size && unw_step(cursor) > 0) {
    unw_word_t pc = 0;
    if (unw_get_reg(cursor, UNW_REG_IP, &pc) < 0 || pc == 0) break;
    buffer[depth++] = reinterpret_cast<void*>(pc);
  }
  return depth;
}

// Walks from `context` into `buffer`, the context's own frame first.
int WalkContext(unw_context_t* context, int flags, void** buffer, int size) {
  unw_cursor_t cursor;
  if (unw_init_local2(&cursor, context, flags) < 0) return 0;
  unw_word_t pc = 0;
  unw_get_reg(&cursor, UNW_REG_IP, &pc);
  buffer[0] = reinterpret_cast<void*>(pc);
  int depth = size - 1;
  if (UnwindTrace(&cursor, buffer + 1, &depth) >= 0) return depth + 1;
  if (unw_init_local2(&cursor, context, flags) < 0) return 1;
  return StepThrough(&cursor, buffer + 1, size - 1) + 1;
}

// Walks from `context` and keeps what is outside the agent.
void WalkInto(unw_context_t* context, int flags, StackBuffer* out) {
  const int depth = WalkContext(context, flags, reinterpret_cast<void**>(out->frames), kWalkLimit);
  int first = 0;
  while (first < depth && Stacks::InAgent(out->frames[first])) ++first;
  out->depth = static_cast<uint32_t>(depth - first);
  out->flags = 0;
  if (out->depth > wire::kMaxStackFrames) {
    out->depth = wire::kMaxStackFrames;
    out->flags |= wire::kStackCut;
    Box::Count(wire::Loss::kStackFrames);
  }
  memmove(out->frames, out->frames + first, out->depth * sizeof(uint64_t));
}

uint64_t HashOf(const StackBuffer& stack) {
  uint64_t hash = 0xcbf29ce484222325u ^ stack.flags;
  for (uint32_t i = 0; i < stack.depth; ++i)
    hash = (hash ^ stack.frames[i]) * 0x9E3779B97F4A7C15u + (hash >> 29);
  return hash | 1;
}

bool Same(const StackRecord& record, const StackBuffer& stack, uint64_t hash) {
  return record.hash == hash && record.depth == stack.depth &&
         memcmp(Box::At<uint64_t>(RegionId::kWords, record.words), stack.frames,
                stack.depth * sizeof(uint64_t)) == 0;
}

uint32_t Add(const StackBuffer& stack, uint64_t hash) {
  const uint32_t words = Box::Append(RegionId::kWords, stack.depth);
  const uint32_t id = words == 0 ? 0 : Box::Append(RegionId::kStacks);
  if (id == 0) {
    Box::Count(wire::Loss::kStacks);
    return 0;
  }
  memcpy(Box::At<uint64_t>(RegionId::kWords, words), stack.frames, stack.depth * sizeof(uint64_t));
  auto* record = Box::At<StackRecord>(RegionId::kStacks, id);
  record->words = words;
  record->depth = static_cast<uint16_t>(stack.depth);
  record->flags = stack.flags;
  __atomic_store_n(&record->hash, hash, __ATOMIC_RELEASE);
  for (uint32_t i = 0; i < stack.depth; ++i) Modules::Note(stack.frames[i]);
  return id;
}

}  // namespace

bool Stacks::Initialize() {
  if (index_slots == nullptr) {
    index_mask = Box::Header()->regions[static_cast<size_t>(RegionId::kStacks)].capacity * 2 - 1;
    index_slots = static_cast<uint32_t*>(PrivateAlloc((index_mask + 1) * sizeof(uint32_t)));
  }
  lock.Unlock();
  return index_slots != nullptr;
}

void Stacks::WalkOther(const InsideAgent&, const Registers& registers, bool exact, StackBuffer* out) {
  unw_context_t context;
  ContextFrom(registers, &context);
  WalkMemory::BeginOther(registers.sp, &context);
  WalkInto(&context, exact ? UNW_INIT_SIGNAL_FRAME : 0, out);
  if (exact && out->depth > 0 && out->frames[0] == registers.pc) out->flags |= wire::kStackFirstIsExact;
}

void Stacks::WalkMapped(const InsideAgent&, const Registers& registers, uint64_t top, StackBuffer* out) {
  unw_context_t context;
  ContextFrom(registers, &context);
  WalkMemory::BeginMapped(registers.sp, top, &context);
  WalkInto(&context, UNW_INIT_SIGNAL_FRAME, out);
  if (out->depth > 0 && out->frames[0] == registers.pc) out->flags |= wire::kStackFirstIsExact;
}

void Stacks::WalkInterrupted(const InsideAgent&, const Registers& registers, StackBuffer* out) {
  unw_context_t context;
  ContextFrom(registers, &context);
  WalkMemory::BeginOwn(registers.sp, &context);
  WalkInto(&context, UNW_INIT_SIGNAL_FRAME, out);
  if (out->depth > 0 && out->frames[0] == registers.pc) out->flags |= wire::kStackFirstIsExact;
}

void Stacks::WalkHere(const InsideAgent&, StackBuffer* out) {
  unw_context_t context;
  unw_getcontext(&context);
  WalkMemory::BeginOwn(reinterpret_cast<uint64_t>(&context), &context);
  WalkInto(&context, 0, out);
}

uint32_t Stacks::CaptureHere(const InsideAgent& inside) {
  StackBuffer stack;
  WalkHere(inside, &stack);
  return Intern(inside, stack);
}

uint32_t Stacks::TraceCallers(const InsideAgent&, uint64_t pc, [[maybe_unused]] const uint64_t* frame,
                              uint64_t* out, uint32_t size) {
  unw_context_t context;
#if defined(__x86_64__)
  // As after the hook's return; the other registers do not matter to cached rules.
  Registers registers = {};
  registers.pc = pc;
  registers.sp = reinterpret_cast<uint64_t>(frame + 2);
  registers.bp = *frame;
  ContextFrom(registers, &context);
  WalkMemory::BeginOwn(registers.sp, &context);
  return static_cast<uint32_t>(WalkContext(&context, 0, reinterpret_cast<void**>(out), static_cast<int>(size)));
#else
  uint64_t frames[16];
  unw_getcontext(&context);
  WalkMemory::BeginOwn(reinterpret_cast<uint64_t>(&context), &context);
  const int depth = WalkContext(&context, 0, reinterpret_cast<void**>(frames), 16);
  int first = 0;
  while (first < depth && frames[first] != pc) ++first;
  const auto found = static_cast<uint32_t>(depth - first);
  memcpy(out, frames + first, (found < size ? found : size) * sizeof(uint64_t));
  return found < size ? found : size;
#endif
}

uint32_t Stacks::Intern(const InsideAgent&, const StackBuffer& stack) {
  if (stack.depth == 0) return 0;
  const uint64_t hash = HashOf(stack);
  SpinGuard guard(lock);
  for (uint64_t i = hash >> 7;; ++i) {
    uint32_t& slot = index_slots[i & index_mask];
    if (slot == 0) return slot = Add(stack, hash);
    if (Same(*Box::At<StackRecord>(RegionId::kStacks, slot), stack, hash)) return slot;
  }
}

uint32_t Stacks::Count() {
  const wire::Region& region = Box::Header()->regions[static_cast<size_t>(RegionId::kStacks)];
  return static_cast<uint32_t>(__atomic_load_n(&region.used, __ATOMIC_ACQUIRE));
}

void Stacks::TakeIn(const InsideAgent&, uint32_t count) {
  for (uint32_t id = count + 1, last = Count(); id <= last; ++id) {
    const StackRecord& record = *Box::At<StackRecord>(RegionId::kStacks, id);
    SpinGuard guard(lock);
    if (record.hash == 0) continue;  // not written to its end
    const auto is_equal = [&](const StackRecord& other) {
      return other.hash == record.hash && other.depth == record.depth &&
             memcmp(Box::At<uint64_t>(RegionId::kWords, other.words),
                    Box::At<uint64_t>(RegionId::kWords, record.words), record.depth * sizeof(uint64_t)) == 0;
    };
    uint64_t i = record.hash >> 7;
    while (index_slots[i & index_mask] != 0 &&
           !is_equal(*Box::At<StackRecord>(RegionId::kStacks, index_slots[i & index_mask]))) {
      ++i;
    }
    if (index_slots[i & index_mask] == 0) index_slots[i & index_mask] = id;
  }
}

void Stacks::ReleaseThread() { ReleaseUnwinderCache(); }

bool Stacks::InAgent(uint64_t pc) {
  return pc >= reinterpret_cast<uint64_t>(&__ehdr_start) && pc < reinterpret_cast<uint64_t>(&_end);
}

}  // namespace stray::agent
