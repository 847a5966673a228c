// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_79631.cc: the flusher of a queue of pods takes them out of a map under the lock; who asks
// for one looks into the map without it.
//
//   main                      flusher
//   Get                       .
//   .                         lock: Pop
//
// GoBench (CGO 2021): kubernetes_79631.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/stray.h>

#include <chrono>
#include <mutex>
#include <string>

#include "tests/support/order.h"

using namespace std::chrono_literals;

static Gate was_got, was_flushed;

class PriorityQueue {
 public:
  void Run() {
    all_.Go("flusher", [this] {
      for (bool is_open = true; is_open;) {
        stray::Select(stray::OnRecv(stop_, [&](auto) { is_open = false; }),
                      stray::OnRecv(stray::After(1ms), [this](auto) { FlushBackoff(); }));
      }
    });
  }
  void AddBackoff(const std::string& pod) {
    std::lock_guard guard(mutex_);
    backoff_.Store(pod, 1);
  }
  bool IsInBackoff(const std::string& pod) { return backoff_.Load(pod).has_value(); }
  void Close() {
    stop_.Close();
    all_.Wait();
  }

 private:
  void FlushBackoff() {
    GateAwait(&was_got);
    std::lock_guard guard(mutex_);
    // want race.data: by G\d+ "flusher" at .* with rwlock \S+ held and read by .*main.* at
    backoff_.Delete("pod");
    GateOpen(&was_flushed);
  }

  stray::RWMutex mutex_;
  stray::PlainMap<std::string, int> backoff_;
  stray::WaitGroup all_;
  const stray::Chan<stray::Unit> stop_ = stray::MakeChan<stray::Unit>();
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    PriorityQueue queue;
    queue.AddBackoff("pod");
    queue.Run();
    if (!queue.IsInBackoff("pod")) stray::Panic("not there");
    GateOpen(&was_got);
    GateAwait(&was_flushed);  // who has ended may be forgotten
    queue.Close();
  });
}
