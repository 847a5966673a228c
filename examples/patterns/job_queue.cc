// SPDX-License-Identifier: Apache-2.0
// job_queue.cc: jobs that fail are tried again, a few times; those that never succeed are put aside.
//
// When: a job may fail for a reason that passes, and one that always fails must not block the others.
// Without the count of jobs under way: closing the queue when it is empty loses the one that is about to be put
// back, or panics when it is.
//
// prints: 8 done, 2 dead letters after 3 attempts each
#include <stray/stray.h>

#include <cstdio>
#include <vector>

struct Job {
  int number;
  int attempts = 0;
};

constexpr int kAttempts = 3;

// Every fifth never succeeds, every other one only at the second time.
static bool Run(const Job& job) { return job.number % 5 != 0 && (job.number % 2 == 0 || job.attempts == 2); }

int main() {
  return stray::Main([] {
    // Room for all: a worker that puts a job back must not wait for a worker.
    auto jobs = stray::MakeChan<Job>(10);
    auto dead_letters = stray::MakeChan<Job>(10);
    stray::Atomic<int> done = 0;
    stray::WaitGroup under_way, workers;
    for (int i = 0; i < 3; ++i) {
      workers.Go("worker", [&, jobs] {
        for (Job job : jobs) {
          ++job.attempts;
          const bool succeeded = Run(job);
          if (!succeeded && job.attempts < kAttempts) {
            jobs.Send(job);  // still under way
            continue;
          }
          if (succeeded) done.Add(1);
          if (!succeeded) dead_letters.Send(job);
          under_way.Done();
        }
      });
    }
    under_way.Add(10);
    for (int i = 0; i < 10; ++i) jobs.Send({i});
    under_way.Wait();
    jobs.Close();
    workers.Wait();
    dead_letters.Close();
    int dead = 0;
    for (const Job& job : dead_letters) dead += job.attempts == kAttempts;
    std::printf("%d done, %d dead letters after %d attempts each\n", done.Load(), dead, kAttempts);
  });
}
