// SPDX-License-Identifier: Apache-2.0
// kernel_istio_8967.cc: a file source is stopped by closing its channel, and the channel is forgotten right
// after: the watcher that comes back to its loop waits for the nil channel.
//
//   watcher                              main
//   Select: done_, events_               .
//   handles an event                     Stop: Close done_; done_ = nil
//   Select: nil, events_                 .             parked for ever
//
// GoBench (CGO 2021): istio_8967.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/stray.h>

#include "tests/support/order.h"
#include "tests/support/parked.h"

static Gate is_handling, was_stopped, waits_again;

class FileSource {
 public:
  explicit FileSource(stray::Chan<stray::Unit> events) : events_(std::move(events)) {}

  void Start() {
    stray::Go("watcher", [this] {
      for (bool is_open = true; is_open;) {
        const auto stop = [&](auto) { is_open = false; };
        // want race.data x1: read by G\d+ "watcher" at .* and written by .*main.* at
        // want leak.blocked x1: goroutine "watcher" .*\[select
        stray::Select(stray::OnRecv(done_, stop), stray::OnRecv(events_, [](auto) { Handle(); }));
      }
    });
  }
  stray::RecvChan<stray::Unit> Stopped() const { return done_; }
  void Stop() {
    done_.Close();
    done_ = {};
  }

 private:
  static void Handle() {
    GateOpen(&is_handling);
    GateAwait(&was_stopped);
  }

  stray::Chan<stray::Unit> done_ = stray::MakeChan<stray::Unit>();
  const stray::Chan<stray::Unit> events_;
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    const auto events = stray::MakeChan<stray::Unit>();
    static FileSource source(events);
    // Else the watcher is the last to give the closed channel back, after main, which orders the two.
    const auto stopped = source.Stopped();
    source.Start();
    events.Send({});
    GateAwait(&is_handling);
    source.Stop();
    GateOpen(&was_stopped);
    // Another one looks for that: TSan keeps the last accesses only of who makes many.
    stray::Go("observer", [events] {
      stray::AwaitParked(stray::WaitReason::kRuntimeSelect, events.get());
      GateOpen(&waits_again);
    });
    GateAwait(&waits_again);
  });
}
