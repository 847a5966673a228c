// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/sites.h"

#include <libunwind.h>
#include <sys/mman.h>

#include "agent/base/raw.h"
#include "agent/recorder/box.h"
#include "agent/recorder/stacks.h"
#include "agent/recorder/threads.h"
#include "agent/recorder/watched_walk.h"

namespace stray::agent {
namespace {

// A sanitizer linked into the program calls us from functions of any size.
constexpr uint32_t kInterceptorFrames = 2;
constexpr uint32_t kWays = 4;  // a wrapper called from this many places of a function is remembered for all
constexpr uint32_t kDeepSets = 16;      // per thread, a power of two
constexpr uint32_t kMissesPerFill = 8;  // finding out what a stack depends on costs some 3 us

struct DeepSet {
  uint32_t misses;
  uint32_t next;  // to be overwritten
  DeepSite ways[kWays];
};

struct DeepCache {
  DeepSet sets[kDeepSets];
};

const DeepSite no_site = {};  // right for no frame
wire::Site NotYet() { return kAskFurther | reinterpret_cast<uint64_t>(&no_site); }

uint64_t cache_slots = 0;
DeepCache* caches = nullptr;  // by slot of the thread; touched only by threads that need one

DeepSet* SetOf(const Thread* thread, uint64_t pc, const uint64_t* frame) {
  const uint64_t hash = (pc ^ reinterpret_cast<uint64_t>(frame) >> 4) * 0x9E3779B97F4A7C15u;
  return &caches[thread->slot].sets[hash >> 60];
}
static_assert(kDeepSets == 16);

// True if the return address lies in a small function, or in one of a sanitizer between the program and us.
// Unknown functions count as big. `depth`: frames so far, this one included. The answer is kept where SiteOf()
// looks for it.
bool IsWrapper(Thread* thread, uint64_t pc, uint32_t depth, const SiteRule& rule) {
  if (depth <= kInterceptorFrames && (Box::Header()->flags & wire::kBoxSanitizer) != 0) return true;
  SiteEntry& known = thread->sites[(pc ^ pc >> 8) & (kSiteCache - 1)];
  if (known.key == pc) return (known.site & kAskFurther) != 0;
  unw_proc_info_t info;
  // The call stands before the address it returns to, which may be another function's first.
  const bool small = unw_get_proc_info_by_ip(unw_local_addr_space, pc - 1, &info, nullptr) == 0 &&
                     info.end_ip - info.start_ip <= rule.small_bytes;
  known = {pc, small ? NotYet() : pc};
  return small;
}

// The stack from `pc` to the first function that is no wrapper, by cached rules. 0 if `pc` alone says it all.
wire::Site LookFurther(const InsideAgent& inside, Thread* thread, uint64_t pc, const uint64_t* frame,
                       const SiteRule& rule) {
  if (!IsWrapper(thread, pc, 1, rule)) return 0;
  StackBuffer stack;
  const uint32_t found = Stacks::TraceCallers(inside, pc, frame, stack.frames, rule.depth);
  stack.flags = wire::kStackPartial;
  stack.depth = 1;
  while (stack.depth < found && IsWrapper(thread, stack.frames[stack.depth - 1], stack.depth, rule))
    ++stack.depth;
  return wire::kSiteIsStack | Stacks::Intern(inside, stack);
}

struct Remembering {
  Thread* thread;
  DeepSite* entry;
  uint32_t depth;
  SiteRule rule;
};

// Adds what one more frame depends on; false once it is no wrapper.
bool AddFrame(void* argument, const StackWord* words, uint32_t count) {
  auto* remembering = static_cast<Remembering*>(argument);
  DeepSite* entry = remembering->entry;
  for (uint32_t i = 0; i < count; ++i) entry->words[entry->word_count++] = words[i];
  ++remembering->depth;
  return remembering->depth < remembering->rule.depth &&
         IsWrapper(remembering->thread, words[count - 1].value, remembering->depth, remembering->rule);
}

// Remembers that from `pc` in `frame` the site is `site`, and what that depends on.
__attribute__((noinline)) void Remember(const InsideAgent& inside, Thread* thread, uint64_t pc,
                                        const uint64_t* frame, wire::Site site, DeepSite* entry,
                                        const SiteRule& rule) {
  *entry = {nullptr, pc, site, 0, {}};
  Remembering remembering = {thread, entry, 1, rule};
  const WatchedEnd end = WalkWatching(inside, pc, frame, &AddFrame, &remembering);
  if (end == WatchedEnd::kStopped) entry->frame = frame;
}

}  // namespace

bool Sites::Initialize() {
  const uint64_t slots = Box::Header()->regions[static_cast<size_t>(wire::RegionId::kTasks)].capacity;
  if (caches == nullptr) {
    caches = static_cast<DeepCache*>(PrivateAlloc(sizeof(DeepCache) * slots));
    cache_slots = slots;
  } else {
    // A forked child's: these sites are stacks of the parent's black box. Nothing but zeros from here on.
    RawCall(SYS_madvise, reinterpret_cast<long>(caches), static_cast<long>(sizeof(DeepCache) * cache_slots),
            MADV_DONTNEED);
  }
  return caches != nullptr;
}

__attribute__((noinline)) wire::Site SiteOfSlow(Thread* thread, Caller caller, const SiteRule& rule) {
  const uint64_t pc = caller.pc;
  const uint64_t* frame = caller.frame;
  DeepSet* set = SetOf(thread, pc, frame);
  for (const DeepSite& way : set->ways) {
    if (!IsCurrent(way, caller)) continue;
    thread->sites[(pc ^ pc >> 8) & (kSiteCache - 1)] = {pc, kAskFurther | reinterpret_cast<uint64_t>(&way)};
    return way.site;
  }
  InsideAgent inside;
  const wire::Site site = LookFurther(inside, thread, pc, frame, rule);
  if (site == 0 || site == wire::kSiteIsStack) return pc;
  if (++set->misses % kMissesPerFill == 0) {
    Remember(inside, thread, pc, frame, site, &set->ways[set->next], rule);
    set->next = (set->next + 1) % kWays;
  }
  return site;
}

}  // namespace stray::agent
