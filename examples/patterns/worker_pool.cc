// SPDX-License-Identifier: Apache-2.0
// worker_pool.cc: a fixed number of goroutines live as long as the pool and take jobs from one channel.
//
// When: jobs come all the time, and how many run at once must have a limit (memory, connections, licences).
// Without the join in Stop: the last jobs are cut off when the program ends, and use what is already destroyed.
//
// prints: 20 jobs done by 3 workers
#include <stray/stray.h>

#include <cstdio>
#include <functional>

class WorkerPool {
 public:
  explicit WorkerPool(int workers) {
    for (int i = 0; i < workers; ++i) {
      workers_.Go("worker", [jobs = jobs_] {
        for (const std::function<void()>& job : jobs) job();
      });
    }
  }
  ~WorkerPool() { Stop(); }

  // Waits while all workers are busy. Not after Stop.
  void Submit(std::function<void()> job) { jobs_.Send(std::move(job)); }

  // All jobs that were submitted are done when it returns.
  void Stop() {
    stopped_.Do([this] { jobs_.Close(); });
    workers_.Wait();
  }

 private:
  stray::Chan<std::function<void()>> jobs_ = stray::MakeChan<std::function<void()>>();
  stray::WaitGroup workers_;
  stray::Once stopped_;
};

int main() {
  return stray::Main([] {
    stray::Atomic<int> done = 0;
    WorkerPool pool(3);
    for (int i = 0; i < 20; ++i) pool.Submit([&done] { done.Add(1); });
    pool.Stop();
    std::printf("%d jobs done by 3 workers\n", done.Load());
  });
}
