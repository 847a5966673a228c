// SPDX-License-Identifier: Apache-2.0
// sites.h: where a hook was called from, cheaply.
//
// Mostly the return address of the hook is the place people want: std::mutex::lock is inlined there. But in
// unoptimized code, and in code that the compiler thinks is cold (main!), it lies in a wrapper of a few dozen
// bytes, and the user's line is one to four calls further out. So a return address in a small function counts
// as "ask further", up to the first function that is not small.
//
// Asking further is unwinding. Even by cached rules that takes as long as ten locks, so where it pays, its
// result is kept together with every word of the stack that it depends on: return addresses, and frame pointers
// that frames are found by. The next call from the same place with the same stack pointer is the same stack
// exactly if those words are unchanged: the unwind rules of an address are fixed, and nothing else goes into
// them. Checking them takes some nanoseconds.
#ifndef STRAY_AGENT_RECORDER_SITES_H_
#define STRAY_AGENT_RECORDER_SITES_H_

#include "agent/recorder/thread.h"
#include "agent/recorder/watched_walk.h"

// The place a hook was called from. Must stand in the hook function itself, which must have a frame
// pointer (the agent is compiled so).
#define STRAY_CALLER_SITE(thread) ::stray::agent::SiteOf((thread), STRAY_CALLER())
#define STRAY_CALLER()                                           \
  ::stray::agent::Caller {                                       \
    reinterpret_cast<uint64_t>(__builtin_return_address(0)),     \
        static_cast<const uint64_t*>(__builtin_frame_address(0)) \
  }

namespace stray::agent {

// Where a hook returns to, and its frame.
struct Caller {
  uint64_t pc;
  const uint64_t* frame;
};

class Sites {
 public:
  static bool Initialize();
};

// unique_lock(mutex) -> unique_lock::lock -> mutex::lock -> __gthread -> hook
inline constexpr uint32_t kSiteDepth = 6;

// A stack of a few frames and what it depends on.
struct DeepSite {
  const uint64_t* frame;  // of the hook: stands for the stack pointer
  uint64_t pc;
  wire::Site site;
  uint64_t word_count;
  StackWord words[2 * kSiteDepth];  // at least one
};

// True if unwinding from `caller` would give what it gave last time. The entry's words lie on the
// calling thread's stack, above the frame it stands in, so they can be read.
STRAY_HOT bool IsCurrent(const DeepSite& entry, const Caller& caller) {
  if (entry.frame != caller.frame || entry.pc != caller.pc || *entry.words[0].where != entry.words[0].value)
    return false;
  for (uint64_t i = 1; STRAY_UNLIKELY(i < entry.word_count); ++i) {
    if (*entry.words[i].where != entry.words[i].value) return false;
  }
  return true;
}

// In SiteEntry::site: the return address lies in a small function. The other bits are the address of a
// DeepSite, the last one that was right for it.
inline constexpr wire::Site kAskFurther = uint64_t{1} << 62;

// How far to ask. Functions below `small_bytes` are wrappers.
struct SiteRule {
  uint64_t small_bytes;
  uint32_t depth;  // frames at most
};
inline constexpr SiteRule kHookRule = {128, kSiteDepth};
// Locks of the goroutine runtime are inlined: unoptimized, std::lock_guard has 600 bytes then.
inline constexpr SiteRule kRuntimeRule = {768, 3};

wire::Site SiteOfSlow(Thread* thread, Caller caller, const SiteRule& rule);

// The site if it is known without a look at more than the cache; 0 if not.
STRAY_HOT wire::Site CachedSiteOf(const Thread* thread, const Caller& caller) {
  const uint64_t pc = caller.pc;
  const SiteEntry& entry = thread->sites[(pc ^ pc >> 8) & (kSiteCache - 1)];
  if (STRAY_UNLIKELY(entry.key != pc)) return 0;
  if (STRAY_LIKELY((entry.site & kAskFurther) == 0)) return pc;
  const auto* last = reinterpret_cast<const DeepSite*>(entry.site & ~kAskFurther);
  return STRAY_LIKELY(IsCurrent(*last, caller)) ? last->site : 0;
}

// A call is always asked for by the same rule.
STRAY_HOT wire::Site SiteOf(Thread* thread, const Caller& caller, const SiteRule& rule = kHookRule) {
  const wire::Site site = CachedSiteOf(thread, caller);
  return STRAY_LIKELY(site != 0) ? site : SiteOfSlow(thread, caller, rule);
}

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_SITES_H_
