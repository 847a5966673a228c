// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/trace/recorder.h"

#include <dlfcn.h>
#include <sys/mman.h>

namespace stray::trace {
namespace {

using AskForCursor = decltype(&stray_agent_trace_cursor);

// Asked once, before main, when one thread is there.
AskForCursor ask = nullptr;
bool is_asked = false;

void TellFramesOf(Cursor* cursor) { TellFramesIfNew(cursor); }
void ForgetFrames(Cursor*) { self.fiber->frames.told = self.fiber->frames.lowest = 0; }

Fiber* NewFiber() {
  void* memory =
      mmap(nullptr, sizeof(Fiber), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<Fiber*>(memory);
}

}  // namespace

__thread ThreadTrace self __attribute__((tls_model("initial-exec"), visibility("hidden")));

Cursor* FindCursor() {
  if (!is_asked) {
    is_asked = true;
    ask = reinterpret_cast<AskForCursor>(dlsym(RTLD_DEFAULT, "stray_agent_trace_cursor"));
  }
  if (ask == nullptr) return nullptr;
  Cursor* cursor = ask(kTraceAbi, &self.cursor);
  if (cursor == nullptr) {
    ask = nullptr;  // not in this process
    return nullptr;
  }
  self.cursor = cursor;
  if (cursor->is_on == 0) return nullptr;
  if (self.own == nullptr) self.own = self.fiber = NewFiber();
  if (self.own == nullptr) return nullptr;
  cursor->tell_frames = &TellFramesOf;
  cursor->forget_frames = &ForgetFrames;
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

Fiber* MakeFiber() { return NewFiber(); }

}  // namespace stray::trace
