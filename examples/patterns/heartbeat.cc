// SPDX-License-Identifier: Apache-2.0
// heartbeat.cc: a worker says now and then that it is alive; who watches it can tell slow from stuck.
//
// When: work takes long, of no known length, and something has to be done if it hangs.
// Without TrySend: a watcher that does not look makes the worker wait, and the cure becomes the illness.
//
// prints: alive, then stuck
#include <stray/stray.h>

#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;

// Beats once per step; `stuck_from` is the step that never comes.
static void Work(int stuck_from, const stray::Chan<stray::Unit>& beat,
                 const stray::RecvChan<stray::Unit>& stop) {
  for (int step = 0; step < stuck_from; ++step) beat.TrySend({});
  stop.Recv();
}

static bool BeatsWithin(const stray::RecvChan<stray::Unit>& beat, std::chrono::milliseconds limit) {
  return stray::Select(stray::OnRecv(beat), stray::OnRecv(stray::After(limit))) == 0;
}

int main() {
  return stray::Main([] {
    auto beat = stray::MakeChan<stray::Unit>(1);
    auto stop = stray::MakeChan<stray::Unit>();
    stray::WaitGroup worker;
    worker.Go("worker", [=] { Work(100, beat, stop); });

    const bool is_alive = BeatsWithin(beat, 10000ms);
    while (BeatsWithin(beat, 20ms)) {
    }
    std::printf("%s, then stuck\n", is_alive ? "alive" : "dead");
    stop.Close();
    worker.Wait();
  });
}
