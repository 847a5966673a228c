// SPDX-License-Identifier: Apache-2.0
// deadlock_others_end.cc: two threads deadlock early; the others work for half a second, then end. Only then
// is it reported.
//
//   main                  first, second      two workers
//   join workers          each waits for     compute and lock
//   join first            the other          for 0.5 s, end
//
// hangs: yes
// twin: deadlock_abba.cc
#include <chrono>
#include <cstdio>
#include <mutex>
#include <thread>

#include "tests/support/order.h"

static std::mutex a, b, results;
static Meeting both_hold_one;
static long sum = 0;

static void First() {
  std::lock_guard<std::mutex> hold_a(a);
  Meet(&both_hold_one, 2);
  std::lock_guard<std::mutex> hold_b(b);  // want deadlock.cycle x1: .
}

static void Second() {
  std::lock_guard<std::mutex> hold_b(b);
  Meet(&both_hold_one, 2);
  std::lock_guard<std::mutex> hold_a(a);  // want deadlock.cycle x1: .
}

static void Work() {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
  while (std::chrono::steady_clock::now() < end) {
    std::lock_guard<std::mutex> lock(results);
    sum += 1;
  }
}

int main() {
  std::thread first(First), second(Second);
  { std::jthread worker(Work), other_worker(Work); }
  // Nothing of this may be lost because stray ends the program.
  std::puts("all work is done");
  std::fflush(stdout);
  first.join();  // want deadlock.all: \[pthread_join\]
  second.join();
}
