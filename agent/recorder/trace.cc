// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/trace.h"

#include <pthread.h>

#include "agent/base/raw.h"
#include "agent/recorder/box.h"
#include "agent/recorder/session_owner.h"

namespace stray::agent {
namespace {

using trace::Cursor;
using trace::FirstWord;
using trace::Op;
using trace::SlotState;
using trace::TraceSlot;
using wire::RegionId;

// Events whose time matters little find out what it is once in so many cycles of the processor's counter: some
// ten microseconds.
#if defined(__x86_64__)
constexpr uint64_t kNowStepCycles = 1 << 15;
uint64_t Cycles() { return __builtin_ia32_rdtsc(); }
#else
constexpr uint64_t kNowStepCycles = 1 << 9;
uint64_t Cycles() {
  uint64_t count;
  asm volatile("mrs %0, cntvct_el0" : "=r"(count));
  return count;
}
#endif

constexpr uint64_t kPauseNs = 100'000;
constexpr uint64_t kPausesToLook = 2000;  // for whether stray is still there

// As much of the stack of a new thread as is surely its own, below where it begins; and above, up to libc's
// descriptor of the thread and thread-local variables: what another thread had there before is gone.
constexpr uint64_t kStackBelow = 64 * 1024;
constexpr uint64_t kMostAbove = 1 << 20, kDescriptorBytes = 2304;

TraceMode mode = TraceMode::kOff;
const char* session = nullptr;
uint32_t next_slot = 0;  // where the search for a free one begins

// For a thread that cannot be asked now, but may be later.
Cursor idle = {};

// What orders all that goes out of the process and comes in.
constexpr uint64_t kOutside = 1;

uint32_t Slots() {
  return static_cast<uint32_t>(Box::Header()->regions[static_cast<size_t>(RegionId::kTraceSlots)].capacity);
}

TraceSlot* SlotAt(uint32_t index) { return Box::At<TraceSlot>(RegionId::kTraceSlots, index + 1); }

uint64_t* ChunkAt(uint32_t index) {
  return Box::At<uint64_t>(RegionId::kTrace, 1) + index * trace::kTraceChunkWords;
}

// Index of a chunk that nobody else has from now on, or -1.
int64_t TakeSlot() {
  const uint32_t count = Slots();
  const uint32_t from = __atomic_load_n(&next_slot, __ATOMIC_RELAXED);
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t index = (from + i) % count;
    // In order: so no more of the file is used than is needed.
    if (!Box::Reserve(RegionId::kTraceSlots, index + 1) || !Box::Reserve(RegionId::kTrace, index + 1))
      return -1;
    uint32_t free_state = static_cast<uint32_t>(SlotState::kFree);
    if (!__atomic_compare_exchange_n(&SlotAt(index)->state, &free_state,
                                     static_cast<uint32_t>(SlotState::kOpen), false, __ATOMIC_ACQUIRE,
                                     __ATOMIC_RELAXED)) {
      continue;
    }
    __atomic_store_n(&next_slot, index + 1, __ATOMIC_RELAXED);
    return index;
  }
  return -1;
}

// The same, by waiting if that was chosen. There was none.
int64_t AwaitSlot() {
  int64_t index = -1;
  for (uint64_t pauses = 1; index < 0 && mode == TraceMode::kWait; ++pauses) {
    uint32_t never = 0;
    FutexWait(&never, 0, kPauseNs);
    if (pauses % kPausesToLook == 0 && IsSessionOver(session)) mode = TraceMode::kDrop;
    index = TakeSlot();
  }
  return index;
}

// The cursor's chunk is for who empties it. Signal handlers find no room from then on.
void Close(Cursor& cursor) {
  if (cursor.chunk_end == nullptr) return;
  const auto at = static_cast<uint64_t>(cursor.chunk_end - ChunkAt(0)) / trace::kTraceChunkWords - 1;
  cursor.chunk_end = nullptr;
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  __atomic_store_n(&SlotAt(static_cast<uint32_t>(at))->state, static_cast<uint32_t>(SlotState::kFull),
                   __ATOMIC_RELEASE);
}

Thread* ThreadOf(Cursor* cursor) {
  return reinterpret_cast<Thread*>(reinterpret_cast<char*>(cursor) - offsetof(Thread, trace));
}

uint64_t NowWord(Thread* thread) {
  thread->trace_now_ns = PreciseNow() - Box::Header()->start_ns;
  thread->trace_cycles = Cycles();
  return FirstWord(Op::kNow, 0, thread->trace_now_ns & trace::kOperandMask);
}

// The cursor, at an event that a hook tells.
Cursor* CursorForHook(Thread* thread) {
  Cursor* cursor = &thread->trace;
  if (Cycles() - thread->trace_cycles > kNowStepCycles) Trace::TellNow(cursor);
  if (cursor->tell_frames != nullptr) cursor->tell_frames(cursor);
  return cursor;
}

}  // namespace

bool Trace::IsOn() { return mode != TraceMode::kOff; }

void Trace::TellNow(Cursor* cursor) {
  Thread* thread = ThreadOf(cursor);
  const uint64_t before = thread->trace_now_ns;
  const uint64_t word = NowWord(thread);
  if (thread->trace_now_ns != before) Write1(cursor, word);
}

void Trace::Initialize(TraceMode wanted, const char* where) {
  mode = wanted;
  session = where;
  next_slot = 0;
}

bool Trace::Refill(Cursor* cursor) {
  InsideAgent inside;
  Thread* thread = ThreadOf(cursor);
  // While there is another chunk, signal handlers have what is left of this one nearly all the time.
  int64_t index = TakeSlot();
  if (index < 0) {
    Close(*cursor);
    index = AwaitSlot();
  }
  if (index < 0) {
    Box::Count(wire::Loss::kTrace);  // at once: the process may end before there is room again
    ++cursor->counted;
    return false;
  }
  TraceSlot* slot = SlotAt(static_cast<uint32_t>(index));
  slot->number = thread->trace_chunks++;
  __atomic_store_n(&slot->stream, thread->record->serial, __ATOMIC_RELEASE);
  uint64_t* const chunk = ChunkAt(static_cast<uint32_t>(index));
  uint64_t* next = chunk;
  if (cursor->lost != 0) {
    *next++ = FirstWord(Op::kLost, 0, cursor->lost);
    Box::Count(wire::Loss::kTrace, cursor->lost - cursor->counted);
    cursor->lost = cursor->counted = 0;
    if (cursor->forget_frames != nullptr) cursor->forget_frames(cursor);
    *next++ = FirstWord(Op::kNoFrames, 0, 0);
  }
  *next++ = NowWord(thread);
  Close(*cursor);
  cursor->next = next;
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  cursor->limit = chunk + trace::kTraceChunkWords - trace::kTraceSpareWords;
  cursor->chunk_end = chunk + trace::kTraceChunkWords;
  return true;
}

void Trace::Begin(const InsideAgent&, Thread* thread) {
  if (mode == TraceMode::kOff) return;
  Cursor& cursor = thread->trace;
  cursor = {};
  thread->trace_chunks = 0;
  thread->trace_fiber = 0;
  cursor.clock = &Box::Header()->trace_clock;
  cursor.refill = &Refill;
  cursor.tell_now = &TellNow;
  cursor.is_on = 1;
  thread->is_traced = 1;
  const auto here = reinterpret_cast<uint64_t>(__builtin_frame_address(0));
  const uint64_t above = reinterpret_cast<uint64_t>(pthread_self()) + kDescriptorBytes - here;
  const bool is_first = (thread->record->flags & (wire::kTaskMain | wire::kTaskForked)) != 0;
  const uint64_t bytes = is_first ? 0 : kStackBelow + (above < kMostAbove ? above : 0);
  Write3(&cursor, FirstWord(Op::kBegin, 0, is_first ? here : here - kStackBelow), Tick(&cursor), bytes);
}

void Trace::End(const InsideAgent&, Thread* thread) {
  if (thread->is_traced == 0) return;
  Cursor& cursor = thread->trace;
  TellNow(&cursor);
  Write2(&cursor, FirstWord(Op::kEnd, 0, 0), Tick(&cursor));
  thread->is_traced = 0;
  cursor.is_on = 0;
  Close(cursor);
  if (cursor.lost != 0) Box::Count(wire::Loss::kTrace, cursor.lost - cursor.counted);
  cursor.next = cursor.limit = nullptr;
  if (cursor.pointer != nullptr) *cursor.pointer = &idle;
  if (cursor.end != nullptr) cursor.end(&cursor);
}

void Trace::NoteMachine(Thread* thread) {
  if (thread->is_traced != 0) Write1(&thread->trace, FirstWord(Op::kMachine, 0, 0));
}

void Trace::Note(Thread* thread, wire::EventKind kind, uint32_t object, wire::Site site) {
  Cursor* cursor = CursorForHook(thread);
  Write3(cursor, FirstWord(Op::kHook, static_cast<uint8_t>(kind), object), Tick(cursor), site);
}

void Trace::NoteBegun(Thread* thread, wire::EventKind kind, uint32_t object, wire::Site site) {
  Cursor* cursor = CursorForHook(thread);
  Write3(cursor, FirstWord(Op::kHookBegun, static_cast<uint8_t>(kind), object), Tick(cursor), site);
}

void Trace::NoteLeft(Thread* thread, wire::EventKind kind, uint32_t object, wire::Site site) {
  Cursor* cursor = CursorForHook(thread);
  Write3(cursor, FirstWord(Op::kHookLeft, static_cast<uint8_t>(kind), object), Tick(cursor), site);
}

void Trace::Request(Thread* thread, uint32_t object, bool reads, wire::Site site) {
  Cursor* cursor = CursorForHook(thread);
  Write3(cursor, FirstWord(Op::kRequest, reads ? trace::kReadMode : 0, object), Tick(cursor), site);
}

void Trace::WaitBegun(Thread* thread, wire::WaitReason reason, uint32_t what, wire::Site site) {
  Cursor* cursor = &thread->trace;
  TellNow(cursor);
  if (cursor->tell_frames != nullptr) cursor->tell_frames(cursor);
  Write3(cursor, FirstWord(Op::kWait, static_cast<uint8_t>(reason), what), Tick(cursor), site);
}

void Trace::WaitEnded(Thread* thread, uint16_t reason) {
  Cursor* cursor = &thread->trace;
  TellNow(cursor);
  Write2(cursor, FirstWord(Op::kWaitEnd, static_cast<uint8_t>(reason), 0), Tick(cursor));
}

void Trace::Give(Thread* thread) {
  Cursor* cursor = &thread->trace;
  Write2(cursor, FirstWord(Op::kRelease, 0, kOutside), Tick(cursor));
}

void Trace::Get(Thread* thread) {
  Cursor* cursor = &thread->trace;
  Write2(cursor, FirstWord(Op::kAcquire, 0, kOutside), Tick(cursor));
}

Cursor* Trace::Attach(uint32_t abi, Cursor** pointer) {
  if (abi != trace::kTraceAbi || mode == TraceMode::kOff) return nullptr;
  Thread* thread = CurrentThread();
  if (thread == nullptr || thread->is_traced == 0) return &idle;
  thread->trace.pointer = pointer;
  return &thread->trace;
}

void Trace::Freed(const void* block, size_t bytes) {
  Thread* thread = KnownThread();
  if (thread == nullptr || thread->is_traced == 0 || bytes == 0) return;
  Cursor* cursor = &thread->trace;
  Write3(cursor, FirstWord(Op::kNewMemory, 0, reinterpret_cast<uint64_t>(block)), Tick(cursor), bytes);
}

}  // namespace stray::agent
