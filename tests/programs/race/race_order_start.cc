// SPDX-License-Identifier: Apache-2.0
// race_order_start.cc: a thread starts a goroutine; main starts the scheduler, and other goroutines before.
// That the scheduler is there orders nothing.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_threads.cc
#include <stray/channel.h>
#include <stray/go.h>

#include <thread>

#include "tests/support/order.h"

int shared;
static Gate started, written;

int main() {
  std::thread other([] {
    GateAwait(&started);
    const auto done = stray::MakeChan<int>();
    stray::Go("of the thread", [done] {
      // want race.data x1: by G\d+ "of the thread" at .* and written by main at
      shared = 2;
      done.Close();
    });
    done.Recv();
    GateOpen(&written);
  });
  shared = 1;
  stray::Go("of main", [] {});
  GateOpen(&started);
  GateAwait(&written);
  other.join();
}
