// SPDX-License-Identifier: Apache-2.0
// kernel_moby_27037.cc: goroutines that are started in a counting loop have a counter of their own each.
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
    for (int number = 0; number < kContainers; ++number) {
      all.Go("creator", [number] {
        const std::string name = ContainerName(number);
        GateOpen(&named[number]);
        GateAwait(&all_started);
      });
      GateAwait(&named[number]);
    }
    GateOpen(&all_started);
    all.Wait();
  });
}
