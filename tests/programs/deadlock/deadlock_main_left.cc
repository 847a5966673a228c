// SPDX-License-Identifier: Apache-2.0
// deadlock_main_left.cc: main has left by pthread_exit; the last thread waits for ever, and so does the
// process.
//
// hangs: yes
// twin: leak_exit_paths.c
#include <pthread.h>

#include <condition_variable>
#include <mutex>
#include <thread>

static std::mutex mutex;
static auto& changed = *new std::condition_variable;
static bool ready = false;

static void Work() {
  std::unique_lock<std::mutex> lock(mutex);
  while (!ready) changed.wait(lock);  // want deadlock.all: \[pthread_cond_wait\]
}

int main() {
  std::thread(Work).detach();
  pthread_exit(nullptr);
}
