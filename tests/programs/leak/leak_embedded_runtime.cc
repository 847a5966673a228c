// SPDX-License-Identifier: Apache-2.0
// leak_embedded_runtime.cc: a program that uses goroutines for a while shuts the runtime down, and one waits.
//
//   main                    worker
//   Runtime                 .
//   Run: Go(worker)         receive        nobody will ever send
//   Shutdown                .              left where it stands; the threads that ran it are gone
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/stray.h>

#include <chrono>

int main() {
  stray::Runtime runtime({.max_procs = 2});
  runtime.Run([] {
    const auto never = stray::MakeChan<int>();
    stray::Go("worker", [never] {
      never.Recv();  // want leak.blocked: goroutine "worker" blocked \[chan receive\]
    });
  });
  return runtime.Shutdown(std::chrono::seconds(60)) == 1 ? 0 : 1;
}
