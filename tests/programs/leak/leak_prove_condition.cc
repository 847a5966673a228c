// SPDX-License-Identifier: Apache-2.0
// leak_prove_condition.cc: a thread waits for a condition in a block that nobody else has, beside one that
// lives on and could signal any other.
//
//   worker     waits for job->ready            the last other pointer to the job was thrown away
//   pool       waits for queue.filled          a global: whoever lives could signal it
//   keeper     waits for input
//
// flags: --prove --settle 50ms
#include <pthread.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
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
  // want leak.blocked x1: "worker" .*no thread that is left can reach it any more
  // want leak.alive x1: "pool" .*could have woken it
  while (!job.is_ready) job.ready.wait(lock);
}

void Name(const char* name) { pthread_setname_np(pthread_self(), name); }

}  // namespace

int main() {
  std::thread([] {
    Name("keeper");
    int ends[2];
    char byte;
    if (pipe(ends) == 0 && read(ends[0], &byte, 1) < 0) perror("read");  // want leak.alive x1: "keeper" .*read
  }).detach();
  {
    auto job = std::make_shared<Job>();
    std::thread([job] {
      Name("worker");
      Await(*job, worker_asleep);
    }).detach();
    AwaitAsleep(&worker_asleep);
  }
  std::thread([] {
    Name("pool");
    Await(queue, pool_asleep);
  }).detach();
  AwaitAsleep(&pool_asleep);
}
