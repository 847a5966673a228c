// SPDX-License-Identifier: Apache-2.0
// kernel_moby_27037.cc: goroutines that are started in a counting loop use the counter of the loop, which goes
// on.
//
//   main                        creator
//   Go; .                       reads number
//   ++number                    .
//
// GoBench (CGO 2021): moby_27037.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/go.h>
#include <stray/wait_group.h>

#include <array>
#include <string>

#include "tests/support/order.h"

static constexpr int kContainers = 2;
static std::array<Gate, kContainers> named;
static Gate all_started;

static std::string ContainerName(int number) { return "container" + std::to_string(number); }

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(kContainers + 1);
    stray::WaitGroup all;
    // want race.data x1: written by .*main.* at .* and read by G\d+ "creator" at
    for (int number = 0; number < kContainers; ++number) {
      all.Go("creator", [&number, turn = number] {
        const std::string name = ContainerName(number);
        GateOpen(&named[turn]);
        GateAwait(&all_started);  // who has ended may be forgotten
      });
      GateAwait(&named[number]);
    }
    GateOpen(&all_started);
    all.Wait();
  });
}
