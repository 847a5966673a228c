// SPDX-License-Identifier: Apache-2.0
// kernel_istio_8144.cc: a cache calls its owner from a goroutine of its own for each entry that it gives up; a
// test counts these calls in a plain variable.
//
//   evicter                    main
//   Evict: ++evicted           .
//   .                          reads evicted
//
// GoBench (CGO 2021): istio_8144.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/go.h>
#include <stray/map.h>
#include <stray/wait_group.h>

#include <functional>
#include <string>

#include "tests/support/order.h"

int evicted;
static Gate was_evicted, was_read;

class ExpiringCache {
 public:
  using Callback = std::function<void(const std::string&)>;
  explicit ExpiringCache(Callback on_evict) : on_evict_(std::move(on_evict)) {}
  ~ExpiringCache() { evicter_.Wait(); }

  void Set(const std::string& key, int age) { ages_.Store(key, age); }
  void StartEvicter(int limit) {
    evicter_.Go("evicter", [this, limit] {
      EvictOlderThan(limit);
      GateOpen(&was_evicted);
      GateAwait(&was_read);  // who has ended may be forgotten
    });
  }

 private:
  void EvictOlderThan(int limit) {
    ages_.Range([&](const std::string& key, int age) {
      if (age <= limit) return true;
      ages_.Delete(key);
      on_evict_(key);
      return true;
    });
  }

  Callback on_evict_;
  stray::Map<std::string, int> ages_;
  stray::WaitGroup evicter_;
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    ExpiringCache cache([](const std::string&) { ++evicted; });
    cache.Set("young", 1);
    cache.Set("old", 10);
    cache.StartEvicter(5);
    GateAwait(&was_evicted);
    // want race.data x1: evicted.* read by .*main.* at .* and written by G\d+ "evicter" at
    if (evicted != 1) stray::Panic("not one");
    GateOpen(&was_read);
  });
}
