// SPDX-License-Identifier: Apache-2.0
// kernel_serving_6472.cc: probes are counted by a plain addition after they were queued, while a worker that
// has done one already counts it off atomically.
//
//   main                             worker
//   queues a probe                   .
//   .                                probes; pending -= 1, atomically
//   pending += 1                     .
//
// GoBench (CGO 2021): serving_6472.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/stray.h>

#include <atomic>
#include <deque>
#include <mutex>

#include "tests/support/order.h"

static Gate was_probed, was_counted;

// A queue that wakes who waits for work.
template <typename T>
class WorkQueue {
 public:
  void Add(T item) {
    std::lock_guard guard(mutex_);
    items_.push_back(item);
    not_empty_.Signal();
  }
  T Get() {
    std::lock_guard guard(mutex_);
    not_empty_.Wait([this] { return !items_.empty(); });
    const T first = items_.front();
    items_.pop_front();
    return first;
  }

 private:
  stray::Mutex mutex_;
  stray::Cond not_empty_{mutex_};
  std::deque<T> items_;
};

struct IngressState {
  int pending = 0;
};

class Prober {
 public:
  void StartWorker() {
    all_.Go("worker", [this] {
      IngressState* ingress = queue_.Get();
      if (std::atomic_ref<int>(ingress->pending).fetch_sub(1) == 1) is_ready_.Close();
      GateOpen(&was_probed);
      GateAwait(&was_counted);  // who has ended may be forgotten
    });
  }
  void Probe(IngressState* ingress) {
    queue_.Add(ingress);
    GateAwait(&was_probed);
    // want race.data x1: by .*main.* at .* and written atomically by G\d+ "worker" at
    ingress->pending += 1;
    GateOpen(&was_counted);
  }
  void AwaitEnd() { all_.Wait(); }

 private:
  WorkQueue<IngressState*> queue_;
  const stray::Chan<stray::Unit> is_ready_ = stray::MakeChan<stray::Unit>();
  stray::WaitGroup all_;
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    IngressState ingress;
    Prober prober;
    prober.StartWorker();
    prober.Probe(&ingress);
    prober.AwaitEnd();
  });
}
