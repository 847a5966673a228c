// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_13058.cc: a controller calls Done once in each period until it is stopped; who waits for
// two periods stops it after the third has begun.
//
//   controller                        main
//   Done, sleeps, Done                Wait
//   sleeps, Done: below zero          Close stop
//
// GoBench (CGO 2021): kubernetes_13058.
//
// link: runtime
// modes: gcc-O2 static-tsan
// exit: 2
#include <stray/stray.h>

#include <chrono>

#include "tests/support/order.h"

using namespace std::chrono_literals;

static constexpr int kPeriods = 2;
static Gate fired_again;

// Calls `f`, then waits for a period, until `stop` is closed.
template <typename F>
static void Until(F f, std::chrono::milliseconds period, const stray::Chan<stray::Unit>& stop) {
  while (stray::Select(stray::OnRecv(stop), stray::OnDefault()) == 1) {
    f();
    stray::Sleep(period);
  }
}

int main() {
  return stray::Main([] {
    const auto stop = stray::MakeChan<stray::Unit>();
    stray::WaitGroup periods, controller;
    periods.Add(kPeriods);
    controller.Go("controller", [&] {
      int count = 0;
      Until(
          [&] {
            periods.Done();  // want wait-group.misuse: fell below zero
            if (++count > kPeriods) GateOpen(&fired_again);
          },
          1ms, stop);
    });
    periods.Wait();
    stray::BlockingCall([] { GateAwait(&fired_again); });
    stop.Close();
    controller.Wait();
  });
}
