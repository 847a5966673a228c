// SPDX-License-Identifier: Apache-2.0
// leak_three_places.cc: leaks at different places are different findings, also when the function is the same.
//
//   main                  a, b           c
//   .                     Await from A   Await from C
//   return                blocked        blocked
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/support/order.h"

static std::mutex mutex;
static auto& never = *new std::condition_variable;  // a static one would be destroyed at exit
static Sleeper asleep[3];

__attribute__((noinline)) static void Await(Sleeper* sleeper) {
  std::unique_lock<std::mutex> lock(mutex);
  AboutToSleep(sleeper);
  for (;;) never.wait(lock);
}

__attribute__((noinline)) static void CallFromA(Sleeper* sleeper) {
  Await(sleeper);  // want leak.blocked x2: \[pthread_cond_wait\]
  std::this_thread::yield();
}

__attribute__((noinline)) static void CallFromC(Sleeper* sleeper) {
  Await(sleeper);  // want leak.blocked x1: \[pthread_cond_wait\]
  std::this_thread::yield();
}

int main() {
  for (int i = 0; i < 2; ++i) std::thread(CallFromA, &asleep[i]).detach();
  std::thread(CallFromC, &asleep[2]).detach();
  for (Sleeper& sleeper : asleep) AwaitAsleep(&sleeper);
}
