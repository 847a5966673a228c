// SPDX-License-Identifier: Apache-2.0
// sites.h: where a hook was called from, cheaply.
//
// Mostly the return address of the hook is the place people want: std::mutex::lock is inlined there. But in
// unoptimized code, and in code that the compiler thinks is cold (main!), it lies in a wrapper of a few dozen
// bytes, and the user's line is one to four calls further out. So a return address in a small function counts
// as "ask further", up to the first function that is not small.
//
// Asking further is unwinding, which is too slow for each lock; its result is kept together with every word of
// the stack that it depends on (return addresses and saved frame pointers). The next call from the same
// place with the same stack pointer is the same stack exactly if those words are unchanged: the unwind
// rules of an address are fixed, and nothing else goes into them. Checking them takes some nanoseconds.
#ifndef STRAY_AGENT_RECORDER_SITES_H_
#define STRAY_AGENT_RECORDER_SITES_H_

#include "agent/recorder/thread.h"

// The place a hook was called from. Must stand in the hook function itself, which must have a frame
// pointer (the agent is compiled so).
#define STRAY_CALLER_SITE(thread)                                                           \
  ::stray::agent::SiteOf((thread), reinterpret_cast<uint64_t>(__builtin_return_address(0)), \
                         static_cast<const uint64_t*>(__builtin_frame_address(0)))

namespace stray::agent {

class Sites {
 public:
  static bool Initialize();
};

// In SiteEntry::site: the return address lies in a small function.
inline constexpr wire::Site kAskFurther = 1;

wire::Site SiteOfSlow(Thread* thread, uint64_t pc, const uint64_t* frame);

STRAY_HOT wire::Site SiteOf(Thread* thread, uint64_t pc, const uint64_t* frame) {
  const SiteEntry& entry = thread->sites[(pc ^ pc >> 8) & (kSiteCache - 1)];
  if (STRAY_LIKELY(entry.key == pc) && STRAY_LIKELY(entry.site != kAskFurther)) return pc;
  return SiteOfSlow(thread, pc, frame);
}

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_SITES_H_
