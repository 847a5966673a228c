// SPDX-License-Identifier: Apache-2.0
// deadlock_abba_timed.cc: opposite orders, but the second lock gives up after a while: no deadlock, and no
// order that could become one.
//
//   first                 second
//   lock a                lock b
//   try b for 50 ms       try a for 50 ms     one of them gives up, or both
#include <chrono>
#include <mutex>
#include <thread>

#include "tests/support/order.h"

using namespace std::chrono_literals;

static std::timed_mutex a, b;
static Meeting both_hold_one;

static void Work(std::timed_mutex* first, std::timed_mutex* second) {
  std::lock_guard<std::timed_mutex> hold_first(*first);
  Meet(&both_hold_one, 2);
  if (second->try_lock_for(50ms)) second->unlock();
}

int main() { std::jthread first(Work, &a, &b), second(Work, &b, &a); }
