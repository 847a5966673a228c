// SPDX-License-Identifier: Apache-2.0
// leak_prove_condition.cc: threads wait for conditions in a block and in a variable, and all is told in the
// end.
//
// flags: --prove --settle 2s
#include <pthread.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "tests/support/order.h"

namespace {

struct Job {
  std::mutex mutex;
  std::condition_variable ready;
  bool is_ready = false;
};

Job& queue = *new Job;  // never destroyed: it is waited on
Sleeper worker_asleep, pool_asleep;

void Await(Job& job, Sleeper& sleeper) {
  std::unique_lock lock(job.mutex);
  AboutToSleep(&sleeper);
  while (!job.is_ready) job.ready.wait(lock);
}

void Name(const char* name) { pthread_setname_np(pthread_self(), name); }

}  // namespace

int main() {
  auto job = std::make_shared<Job>();
  std::thread worker([job] {
    Name("worker");
    Await(*job, worker_asleep);
  });
  AwaitAsleep(&worker_asleep);
  std::thread pool([] {
    Name("pool");
    Await(queue, pool_asleep);
  });
  AwaitAsleep(&pool_asleep);
  for (Job* one : {job.get(), &queue}) {
    const std::lock_guard lock(one->mutex);
    one->is_ready = true;
    one->ready.notify_all();
  }
  worker.join();
  pool.join();
}
