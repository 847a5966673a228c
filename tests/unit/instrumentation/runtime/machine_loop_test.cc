// SPDX-License-Identifier: Apache-2.0
// How processors come and go.
#include "instrumentation/runtime/machine_loop.h"

#include <gtest/gtest.h>

#include <atomic>

#include "instrumentation/runtime/kernel.h"
#include "tests/support/parked.h"

namespace stray {
namespace {

constexpr int64_t kComputesNs = 30'000'000;  // longer than the watcher needs to look around several times

// Calls `f` on the processor with that index, while others keep the rest busy.
template <typename F>
void OnProcessor(uint32_t index, F f) {
  std::atomic<bool> found{false};
  auto done = MakeChan<Unit>();
  const int count = MaxProcs();
  for (int i = 0; i < count; ++i) {
    Go([&, done] {
      while (!found.load()) {
        if (runtime::Self()->processor->index == index && !found.exchange(true)) f();
      }
      done.Send({});
    });
  }
  for (int i = 0; i < count; ++i) done.Recv();
}

void Compute() {
  const int64_t end = runtime::Now() + kComputesNs;
  while (runtime::Now() < end) continue;
}

TEST(MachineLoopTest, TaskThatLosesItsProcessorAndComputesIsNotAsleep) {
  const int before = SetMaxProcs(2);
  int rounds = 0;
  OnProcessor(1, [&] {
    SetMaxProcs(1);
    Compute();  // would end with "all goroutines are asleep"
    ++rounds;
  });
  EXPECT_EQ(rounds, 1);
  SetMaxProcs(before);
}

TEST(MachineLoopTest, ProcessorThatWasTakenAwayComesBack) {
  const int before = SetMaxProcs(2);
  for (int i = 0; i < 20; ++i) {
    SetMaxProcs(1);
    InGoroutine([] { Yield(); });
    SetMaxProcs(2);
    // Two at a time are needed for it.
    OnProcessor(1, [] {});
    OnProcessor(1, [] { SetMaxProcs(1); });
    SetMaxProcs(2);
    OnProcessor(0, [] {});
  }
  SetMaxProcs(before);
}

}  // namespace
}  // namespace stray
