// SPDX-License-Identifier: Apache-2.0
// kernel_serving_6472.cc: probes are counted by a plain addition before they are queued; the worker that has
// done one counts it off atomically.
//
// GoBench (CGO 2021): serving_6472.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/stray.h>

#include <atomic>
#include <deque>
#include <mutex>

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
    });
  }
  void Probe(IngressState* ingress) {
    ingress->pending += 1;
    queue_.Add(ingress);
  }
  void AwaitReady() { is_ready_.Recv(); }
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
    prober.AwaitReady();
    prober.AwaitEnd();
  });
}
