// SPDX-License-Identifier: Apache-2.0
// kernel_moby_33781.cc: a monitor that is stopped takes the result of the probe that is on its way.
//
// link: runtime
// modes: gcc-O2
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
static stray::WaitGroup probes;

static void Monitor(stray::Chan<stray::Unit> stop) {
  for (bool stopped = false; !stopped;) {
    stray::Select(stray::OnRecv(stop, [&stopped](auto) { stopped = true; }), stray::OnRecv(stray::After(1ms)));
    if (stopped) return;
    auto result = stray::MakeChan<int>();
    auto [context, cancel] = stray::WithTimeout(stray::Background(), 1min);
    probes.Go("probe", [result, context = context] {
      probing.Reach();
      context.Done().Recv();
      result.Send(0);
    });
    bool finished = false;
    stray::Select(stray::OnRecv(stop, [&stopped](auto) { stopped = true; }),
                  stray::OnRecv(result, [&finished](auto) { finished = true; }), stray::OnRecv(context.Done()));
    cancel();
    if (!finished) result.Recv();
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
    probes.Wait();
  });
}
