// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/trace/recorder.h"

#include <dlfcn.h>
#include <sched.h>
#include <sys/mman.h>

namespace stray::trace {
namespace {

using AskForCursor = decltype(&stray_agent_trace_cursor);

// Asked at the first event. Threads that do so at once find the same.
AskForCursor ask = nullptr;
uint32_t is_asked = 0;

// Fibers that are over. Locked for a few instructions.
Fiber* free_fibers = nullptr;
uint32_t free_lock = 0;

class FreeFibersScope {
 public:
  FreeFibersScope() {
    while (__atomic_exchange_n(&free_lock, 1, __ATOMIC_ACQUIRE) != 0) sched_yield();
  }
  ~FreeFibersScope() { __atomic_store_n(&free_lock, 0, __ATOMIC_RELEASE); }
};

void TellFramesOf(Cursor* cursor) { TellFramesIfNew(cursor); }
void ForgetFrames(Cursor*) { self.fiber->frames.told = self.fiber->frames.lowest = 0; }

// What the thread had is for others.
void EndThread(Cursor*) {
  Fiber* own = self.own;
  self.own = self.fiber = nullptr;
  if (own != nullptr) GiveFiberBack(own);
}

AskForCursor FindAgent() {
  if (__atomic_load_n(&is_asked, __ATOMIC_ACQUIRE) == 0) {
    __atomic_store_n(&ask, reinterpret_cast<AskForCursor>(dlsym(RTLD_DEFAULT, "stray_agent_trace_cursor")),
                     __ATOMIC_RELAXED);
    __atomic_store_n(&is_asked, 1, __ATOMIC_RELEASE);
  }
  return __atomic_load_n(&ask, __ATOMIC_RELAXED);
}

}  // namespace

__thread ThreadTrace self __attribute__((tls_model("initial-exec"), visibility("hidden")));

Cursor* FindCursor() {
  const AskForCursor asked = FindAgent();
  if (asked == nullptr) return nullptr;
  Cursor* cursor = asked(kTraceAbi, &self.cursor);
  if (cursor == nullptr) {
    __atomic_store_n(&ask, nullptr, __ATOMIC_RELAXED);  // not in this process
    return nullptr;
  }
  self.cursor = cursor;
  if (cursor->is_on == 0) return nullptr;
  if (self.own == nullptr) self.own = self.fiber = TakeFiber();
  if (self.own == nullptr) return nullptr;
  cursor->tell_frames = &TellFramesOf;
  cursor->forget_frames = &ForgetFrames;
  cursor->end = &EndThread;
  // Of this stream nothing is known yet.
  ForgetFrames(cursor);
  return cursor;
}

void TellFrames(Cursor* cursor, Frames* frames) {
  const uint32_t depth = frames->depth < Frames::kMost ? frames->depth : Frames::kMost;
  const uint32_t kept = frames->lowest < frames->told ? frames->lowest : frames->told;
  if (kept < frames->told) Write1(cursor, FirstWord(Op::kExit, 0, kept));
  for (uint32_t i = kept; i < depth; ++i) Write1(cursor, FirstWord(Op::kEnter, 0, frames->at[i]));
  frames->told = frames->lowest = depth;
}

Fiber* TakeFiber() {
  {
    FreeFibersScope scope;
    if (Fiber* fiber = free_fibers; fiber != nullptr) {
      free_fibers = fiber->next_free;
      fiber->number = 0;
      fiber->frames.depth = fiber->frames.told = fiber->frames.lowest = 0;
      return fiber;
    }
  }
  void* memory =
      mmap(nullptr, sizeof(Fiber), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<Fiber*>(memory);
}

void GiveFiberBack(Fiber* fiber) {
  FreeFibersScope scope;
  fiber->next_free = free_fibers;
  free_fibers = fiber;
}

}  // namespace stray::trace
