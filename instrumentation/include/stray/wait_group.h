// SPDX-License-Identifier: Apache-2.0
// wait_group.h: Go's sync.WaitGroup: waits until a number of tasks are done.
//
//   stray::WaitGroup all;
//   for (const Job& job : jobs) all.Go([&job] { Run(job); });
//   all.Wait();
//
// Add comes before the start of what it counts, and not while somebody waits on a group that counts nothing; Go
// does it right. A counter below zero panics ("sync: negative WaitGroup counter"), and so does an Add that
// comes together with the end of a Wait, where it is noticed ("sync: WaitGroup misuse: ..."). A group may be
// used again once all Waits have returned. It may be destroyed when Wait has returned.
//
// Done happens before the return of each Wait that it ends.
#ifndef STRAY_WAIT_GROUP_H_
#define STRAY_WAIT_GROUP_H_

#include <atomic>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include "stray/go.h"
#include "stray/sync_core.h"

namespace stray {

namespace detail {

struct WaitGroupCore {
  std::atomic<uint64_t> counts{0};  // | counter:32 | waiters:32 |
  SyncCore core;
  Holder last_add;
  std::atomic<uint32_t> told{0};  // beside an agent: who has called Done, of those of whom it matters
  std::atomic<uint32_t> uses{0};  // beside an agent: runtime/object_uses.h
};

void AddToGroup(WaitGroupCore* group, int32_t delta) noexcept;
void WaitForGroup(WaitGroupCore* group) noexcept;

}  // namespace detail

class WaitGroup {
 public:
  constexpr WaitGroup() = default;
  WaitGroup(const WaitGroup&) = delete;
  WaitGroup& operator=(const WaitGroup&) = delete;

  [[gnu::always_inline]] void Add(int delta) { detail::AddToGroup(&group_, delta); }
  [[gnu::always_inline]] void Done() { detail::AddToGroup(&group_, -1); }
  // Until the counter is zero.
  [[gnu::always_inline]] void Wait() {
    detail::WaitForGroup(&group_);
    detail::KeepFrame();
  }

  // Starts a goroutine that calls `f`, and counts it until `f` has returned and is destroyed.
  template <typename F>
  [[gnu::always_inline]] void Go(F&& f) {
    Go({}, std::forward<F>(f));
  }
  template <typename F>
  [[gnu::always_inline]] void Go(std::string_view name, F&& f) {
    Add(1);
    detail::Start(name, [this, function = std::decay_t<F>(std::forward<F>(f))]() mutable {
      {
        // What `f` has captured may belong to who waits.
        std::decay_t<F> call(std::move(function));
        call();
      }
      Done();
    });
  }

 private:
  detail::WaitGroupCore group_;
};

}  // namespace stray

#endif  // STRAY_WAIT_GROUP_H_
