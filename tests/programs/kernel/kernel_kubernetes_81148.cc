// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_81148.cc: the time of a pod that is in a queue is changed without the lock under which the
// queue's flusher reads it.
//
//   main                           flusher
//   pod->since = now               .
//   .                              lock: reads pod->since
//
// GoBench (CGO 2021): kubernetes_81148.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/stray.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "tests/support/order.h"

using namespace std::chrono_literals;

static Gate was_updated, was_flushed;

struct QueuedPod {
  std::string name;
  stray::Time since;
};

class PriorityQueue {
 public:
  void Run() {
    all_.Go("flusher", [this] {
      for (bool is_open = true; is_open;) {
        stray::Select(stray::OnRecv(stop_, [&](auto) { is_open = false; }),
                      stray::OnRecv(stray::After(1ms), [this](auto) { FlushUnschedulable(); }));
      }
    });
  }
  void AddUnschedulable(const std::shared_ptr<QueuedPod>& pod) {
    std::lock_guard guard(mutex_);
    unschedulable_.Store(pod->name, pod);
  }
  void Touch(QueuedPod* pod, stray::Time now) { pod->since = now; }
  void Close() {
    stop_.Close();
    all_.Wait();
  }

 private:
  void FlushUnschedulable() {
    GateAwait(&was_updated);
    std::lock_guard guard(mutex_);
    unschedulable_.Range([this](const std::string&, const std::shared_ptr<QueuedPod>& pod) {
      // want race.data x1: read by G\d+ "flusher" at .* with rwlock \S+ held and written by .*main.* at
      if (pod->since < std::chrono::steady_clock::now() - 1min) ++moved_;
      return true;
    });
    GateOpen(&was_flushed);
  }

  stray::RWMutex mutex_;
  stray::PlainMap<std::string, std::shared_ptr<QueuedPod>> unschedulable_;
  int moved_ = 0;
  stray::WaitGroup all_;
  const stray::Chan<stray::Unit> stop_ = stray::MakeChan<stray::Unit>();
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    PriorityQueue queue;
    const auto pod = std::make_shared<QueuedPod>();
    pod->name = "pod";
    queue.AddUnschedulable(pod);
    queue.Run();
    queue.Touch(pod.get(), std::chrono::steady_clock::now());
    GateOpen(&was_updated);
    GateAwait(&was_flushed);  // who has ended may be forgotten
    queue.Close();
  });
}
