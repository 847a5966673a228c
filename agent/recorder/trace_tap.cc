// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/trace_tap.h"

#include <string.h>

#include "agent/recorder/creations.h"
#include "agent/recorder/goroutines.h"
#include "agent/recorder/sites.h"
#include "agent/recorder/trace.h"

namespace stray::agent {
namespace {

using trace::Cursor;
using trace::FirstWord;
using trace::Op;

uint32_t last_fiber = 0;

// Null: nothing is recorded of this thread.
Thread* TracedThread() {
  Thread* thread = CurrentThread();
  return thread == nullptr || thread->is_traced == 0 ? nullptr : thread;
}

uint64_t AddressOf(const void* pointer) { return reinterpret_cast<uint64_t>(pointer) & trace::kOperandMask; }

// The whole stack of the call, once there are goroutines; before that, or in a forked child, where it was.
wire::Site SiteAt(Thread* thread, const Caller& caller) {
  if (!Goroutines::IsAttached()) return caller.pc;
  const uint32_t stack = Creations::StackAt(thread, caller);
  return stack == 0 ? caller.pc : wire::kSiteIsStack | stack;
}

void Park(uint16_t reason, const void* object) {
  const Caller caller = STRAY_CALLER();
  Thread* thread = TracedThread();
  if (thread == nullptr) return;
  const InsideAgent inside;
  Cursor* cursor = &thread->trace;
  Trace::TellNow(cursor);
  if (cursor->tell_frames != nullptr) cursor->tell_frames(cursor);
  trace::Write3(cursor, FirstWord(Op::kPark, static_cast<uint8_t>(reason), AddressOf(object)),
                trace::Tick(cursor), SiteAt(thread, caller));
}

void Unpark() {
  Thread* thread = TracedThread();
  if (thread != nullptr) Trace::WaitEnded(thread, 0);
}

void Ready(uint64_t goroutine) {
  Thread* thread = TracedThread();
  if (thread == nullptr) return;
  Cursor* cursor = &thread->trace;
  Trace::TellNow(cursor);
  trace::Write2(cursor, FirstWord(Op::kReady, 0, goroutine & trace::kOperandMask), trace::Tick(cursor));
}

void Order(Op op, uint8_t argument, const void* address) {
  Thread* thread = TracedThread();
  if (thread == nullptr) return;
  Cursor* cursor = &thread->trace;
  // A value goes in or out of a channel: when that was is of interest, too.
  if (op == Op::kRelease && argument == trace::kOrderOnly) Trace::TellNow(cursor);
  trace::Write2(cursor, FirstWord(op, argument, AddressOf(address)), trace::Tick(cursor));
}

void Point() {
  Thread* thread = TracedThread();
  if (thread != nullptr) trace::Write1(&thread->trace, FirstWord(Op::kPoint, 0, 0));
}

uint32_t CreateFiber() {
  const uint32_t fiber = __atomic_add_fetch(&last_fiber, 1, __ATOMIC_RELAXED);
  Thread* thread = TracedThread();
  if (thread == nullptr) return fiber;
  Cursor* cursor = &thread->trace;
  trace::Write2(cursor, FirstWord(Op::kFiberCreate, 0, fiber), trace::Tick(cursor));
  return fiber;
}

void EndFiber(uint32_t fiber) {
  Thread* thread = TracedThread();
  if (thread == nullptr) return;
  Cursor* cursor = &thread->trace;
  trace::Write2(cursor, FirstWord(Op::kFiberEnd, 0, fiber), trace::Tick(cursor));
}

void NameFiber(uint32_t fiber, uint64_t goroutine, const char* name) {
  Thread* thread = TracedThread();
  if (thread != nullptr)
    trace::WriteFiberName(&thread->trace, fiber, goroutine, name, name == nullptr ? 0 : strlen(name));
}

void SwitchFiber(uint32_t fiber) {
  Thread* thread = TracedThread();
  if (thread == nullptr) return;
  thread->trace_fiber = fiber;
  Cursor* cursor = &thread->trace;
  Trace::TellNow(cursor);
  trace::Write2(cursor, FirstWord(Op::kFiberSwitch, 0, fiber), trace::Tick(cursor));
}

uint32_t CurrentFiber() {
  const Thread* thread = TracedThread();
  return thread == nullptr ? 0 : thread->trace_fiber;
}

void Lock(Op op, uint8_t mode, const void* lock, const void* pc, const void* frame) {
  Thread* thread = TracedThread();
  if (thread == nullptr) return;
  const InsideAgent inside;
  Cursor* cursor = &thread->trace;
  // When it was taken, or is given back: before a stack is looked for.
  const uint64_t clock = trace::Tick(cursor);
  const Caller caller = {reinterpret_cast<uint64_t>(pc), static_cast<const uint64_t*>(frame)};
  trace::Write3(cursor, FirstWord(op, mode, AddressOf(lock)), clock, SiteAt(thread, caller));
}

void Step(Op op, uint8_t argument, const void* object, const void* pc, const void* frame, uint64_t third) {
  Thread* thread = TracedThread();
  if (thread == nullptr) return;
  const InsideAgent inside;
  Cursor* cursor = &thread->trace;
  // It orders nothing, so all it needs of the clock is to be later than what is known to be before.
  trace::WriteTime(cursor);
  const Caller caller = {reinterpret_cast<uint64_t>(pc), static_cast<const uint64_t*>(frame)};
  const wire::Site site = SiteAt(thread, caller);
  const uint64_t first = FirstWord(op, argument, AddressOf(object));
  if (trace::WordsOf(op) == 2) {
    trace::Write2(cursor, first, site);
  } else {
    trace::Write3(cursor, first, site, third);
  }
}

constexpr trace::Tap kTap = {.park = &Park,
                             .unpark = &Unpark,
                             .ready = &Ready,
                             .create_fiber = &CreateFiber,
                             .name_fiber = &NameFiber,
                             .switch_fiber = &SwitchFiber,
                             .current_fiber = &CurrentFiber,
                             .end_fiber = &EndFiber,
                             .point = &Point,
                             .order = &Order,
                             .lock = &Lock,
                             .step = &Step};

}  // namespace

const trace::Tap* TraceTap() { return Trace::IsOn() ? &kTap : nullptr; }

}  // namespace stray::agent
