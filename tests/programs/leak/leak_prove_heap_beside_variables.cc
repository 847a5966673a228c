// SPDX-License-Identifier: Apache-2.0
// leak_prove_heap_beside_variables.cc: without randomization the heap begins where the variables end, and the
// kernel makes one mapping of both. What a variable there leads to is everybody's all the same.
//
//   pool       waits for job->filled           only jobs[] leads to it: whoever lives could signal it
//   keeper     waits for input
//
// flags: --prove --settle 50ms
// twin: leak_prove_condition.cc
#include <pthread.h>
#include <sys/personality.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

#include "tests/support/order.h"

namespace {

struct Job {
  std::mutex mutex;
  std::condition_variable filled;
  bool is_filled = false;
};

Job* jobs[100000];  // many pages that no file stands behind
Sleeper pool_asleep;

void Await(Job& job) {
  std::unique_lock lock(job.mutex);
  AboutToSleep(&pool_asleep);
  while (!job.is_filled) job.filled.wait(lock);  // want leak.alive x1: "pool" .*could have woken it
}

void Name(const char* name) { pthread_setname_np(pthread_self(), name); }

}  // namespace

int main(int, char** argv) {
  const int before = personality(0xffffffff);
  if ((before & ADDR_NO_RANDOMIZE) == 0 && personality(before | ADDR_NO_RANDOMIZE) >= 0) {
    execv("/proc/self/exe", argv);
    return 9;
  }
  std::thread([] {
    Name("keeper");
    int ends[2];
    char byte;
    if (pipe(ends) == 0 && read(ends[0], &byte, 1) < 0) perror("read");  // want leak.alive x1: "keeper" .*read
  }).detach();
  jobs[50000] = new Job;
  std::thread([] {
    Name("pool");
    Await(*jobs[50000]);
  }).detach();
  AwaitAsleep(&pool_asleep);
}
