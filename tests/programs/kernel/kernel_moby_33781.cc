// SPDX-License-Identifier: Apache-2.0
// kernel_moby_33781.cc: a health monitor that is stopped while a probe is on its way returns without taking its
// result. After a kernel of GoBench (CGO 2021).
//
//   monitor                       probe              main
//   Go probe                      .                  .
//   Select: stop, result, ctx     .                  Close stop
//   cancel, return                .                  .
//   .                             Send result        .          no receiver
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/context.h>
#include <stray/go.h>
#include <stray/select.h>
#include <stray/time.h>
#include <stray/wait_group.h>

#include <chrono>

#include "tests/support/parked.h"

using namespace std::chrono_literals;

static stray::Milestone probing;

static void Monitor(stray::Chan<stray::Unit> stop) {
  for (bool stopped = false; !stopped;) {
    stray::Select(stray::OnRecv(stop, [&stopped](auto) { stopped = true; }), stray::OnRecv(stray::After(1ms)));
    if (stopped) return;
    auto result = stray::MakeChan<int>();
    auto [context, cancel] = stray::WithTimeout(stray::Background(), 1min);
    stray::Go("probe", [result, context = context] {
      probing.Reach();
      context.Done().Recv();
      result.Send(0);  // want leak.blocked x1: "probe" waits in chan send
    });
    stray::Select(stray::OnRecv(stop, [&stopped](auto) { stopped = true; }), stray::OnRecv(result),
                  stray::OnRecv(context.Done()));
    cancel();
  }
}

int main() {
  return stray::Main([] {
    auto stop = stray::MakeChan<stray::Unit>();
    stray::WaitGroup monitor;
    monitor.Go("monitor", [stop] { Monitor(stop); });
    probing.Await();
    stop.Close();
    monitor.Wait();
  });
}
