// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_13058.cc: a controller calls Done once in each period until it is stopped, which it
// does itself with the last one that somebody waits for.
//
// GoBench (CGO 2021): kubernetes_13058.
//
// link: runtime
// modes: gcc-O2 static-tsan
#include <stray/stray.h>

#include <chrono>

using namespace std::chrono_literals;

static constexpr int kPeriods = 2;

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
            if (++count == kPeriods) stop.Close();
            periods.Done();
          },
          1ms, stop);
    });
    periods.Wait();
    controller.Wait();
  });
}
