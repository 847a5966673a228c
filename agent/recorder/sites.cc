// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/sites.h"

#include <libunwind.h>

#include "agent/recorder/box.h"
#include "agent/recorder/stacks.h"
#include "agent/recorder/threads.h"

namespace stray::agent {
namespace {

#if defined(__x86_64__)
constexpr unw_regnum_t kFramePointer = UNW_X86_64_RBP;
#elif defined(__aarch64__)
constexpr unw_regnum_t kFramePointer = UNW_AARCH64_X29;
#endif

constexpr uint32_t kDepth = 6;  // unique_lock(mutex) -> unique_lock::lock -> mutex::lock -> __gthread -> hook
constexpr uint32_t kInterceptorFrames =
    2;  // a sanitizer linked into the program calls us from functions of any size
constexpr uint64_t kSmallFunction = 128;  // bytes
constexpr uint32_t kDeepEntries = 32;     // per thread, a power of two

struct StackWord {
  const uint64_t* where;
  uint64_t value;
};

// A stack of a few frames and what it depends on.
struct DeepSite {
  const uint64_t* frame;  // of the hook: stands for the stack pointer
  uint64_t pc;
  wire::Site site;
  uint32_t word_count;
  uint32_t reserved;
  StackWord words[1 + 2 * kDepth];
};

struct DeepCache {
  DeepSite sites[kDeepEntries];
};

DeepCache* caches = nullptr;  // by slot of the thread; touched only by threads that need one

DeepSite* CacheEntry(const Thread* thread, uint64_t pc, const uint64_t* frame) {
  const uint64_t hash = (pc ^ reinterpret_cast<uint64_t>(frame) >> 4) * 0x9E3779B97F4A7C15u;
  return &caches[thread->slot].sites[hash >> 59];
}
static_assert(kDeepEntries == 32);

// True if unwinding from `pc` in `frame` would give what it gave last time. The entry's words lie on the
// calling thread's stack, above the frame it stands in, so they can be read.
bool IsCurrent(const DeepSite& entry, uint64_t pc, const uint64_t* frame) {
  if (entry.frame != frame || entry.pc != pc) return false;
  for (uint32_t i = 0; i < entry.word_count; ++i) {
    if (*entry.words[i].where != entry.words[i].value) return false;
  }
  return true;
}

// True if the function around the cursor's address is small, or one of a sanitizer between the program and us.
// Unknown ones count as big. `depth`: frames so far, this one included.
bool IsWrapper(unw_cursor_t* cursor, uint32_t depth) {
  if (depth <= kInterceptorFrames && (Box::Header()->flags & wire::kBoxSanitizer) != 0) return true;
  unw_proc_info_t info;
  return unw_get_proc_info(cursor, &info) == 0 && info.end_ip - info.start_ip <= kSmallFunction;
}

// Puts the place where `cursor`'s frame has kept its caller's frame pointer under watch.
void WatchFramePointer(unw_cursor_t* cursor, DeepSite* entry) {
  unw_save_loc_t location;
  if (unw_get_save_loc(cursor, kFramePointer, &location) != 0 || location.type != UNW_SLT_MEMORY) return;
  const auto* where = reinterpret_cast<const uint64_t*>(location.u.addr);
  if (where > entry->frame) entry->words[entry->word_count++] = {where, *where};
}

// Moves `cursor` out of the agent, to the frame that `pc` returns to.
bool MoveTo(unw_cursor_t* cursor, uint64_t pc) {
  for (int steps = 0; steps < 16; ++steps) {
    unw_word_t at = 0;
    unw_get_reg(cursor, UNW_REG_IP, &at);
    if (at == pc) return true;
    if (unw_step(cursor) <= 0) return false;
  }
  return false;
}

// Unwinds from `pc` as long as functions are wrappers, and remembers what the result depends on. False if the
// first function is none, so that `pc` alone says it all.
__attribute__((noinline)) bool Unwind(const InsideAgent& inside, uint64_t pc, const uint64_t* frame,
                                      DeepSite* entry) {
  unw_context_t context;
  unw_cursor_t cursor;
  unw_getcontext(&context);
  if (unw_init_local(&cursor, &context) < 0 || !MoveTo(&cursor, pc) || !IsWrapper(&cursor, 1)) return false;
  StackBuffer stack;
  stack.depth = 0;
  stack.flags = wire::kStackPartial;
  entry->frame = frame;
  entry->pc = pc;
  entry->word_count = 0;
  entry->words[entry->word_count++] = {frame, *frame};  // the frame pointer at `pc`, as our hook has kept it
  stack.frames[stack.depth++] = pc;
  while (stack.depth < kDepth && IsWrapper(&cursor, stack.depth)) {
    unw_word_t next = 0, cfa = 0;
    if (unw_step(&cursor) <= 0) break;
    unw_get_reg(&cursor, UNW_REG_IP, &next);
    unw_get_reg(&cursor, UNW_REG_SP, &cfa);
    const auto* slot = reinterpret_cast<const uint64_t*>(cfa) - 1;
    // Where the return address does not lie in memory below the CFA (aarch64 leaf functions), it cannot be
    // watched.
    if (slot <= frame || *slot != next) break;
    stack.frames[stack.depth++] = next;
    entry->words[entry->word_count++] = {slot, next};
    WatchFramePointer(&cursor, entry);
  }
  entry->site = wire::kSiteIsStack | Stacks::Intern(inside, stack);
  return true;
}

}  // namespace

bool Sites::Initialize() {
  if (caches == nullptr) {
    const uint64_t slots = Box::Header()->regions[static_cast<size_t>(wire::RegionId::kTasks)].capacity;
    caches = static_cast<DeepCache*>(PrivateAlloc(sizeof(DeepCache) * slots));
  }
  return caches != nullptr;
}

__attribute__((noinline)) wire::Site SiteOfSlow(Thread* thread, uint64_t pc, const uint64_t* frame) {
  DeepSite* entry = CacheEntry(thread, pc, frame);
  if (STRAY_LIKELY(IsCurrent(*entry, pc, frame))) return entry->site;
  InsideAgent inside;
  const bool deep = Unwind(inside, pc, frame, entry);
  thread->sites[(pc ^ pc >> 8) & (kSiteCache - 1)] = {pc, deep ? kAskFurther : pc};
  return deep && entry->site != wire::kSiteIsStack ? entry->site : pc;
}

}  // namespace stray::agent
