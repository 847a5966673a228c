// SPDX-License-Identifier: Apache-2.0
// kernel_istio_8967.cc: a file source is stopped by closing its channel, which it keeps, and the watcher sees
// that when it comes back to its loop.
//
// GoBench (CGO 2021): istio_8967.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/stray.h>

#include "tests/support/order.h"

static Gate is_handling, was_stopped;

class FileSource {
 public:
  explicit FileSource(stray::Chan<stray::Unit> events) : events_(std::move(events)) {}

  void Start() {
    all_.Go("watcher", [this] {
      for (bool is_open = true; is_open;) {
        const auto stop = [&](auto) { is_open = false; };
        stray::Select(stray::OnRecv(done_, stop), stray::OnRecv(events_, [](auto) { Handle(); }));
      }
    });
  }
  void Stop() { done_.Close(); }
  void AwaitEnd() { all_.Wait(); }

 private:
  static void Handle() {
    GateOpen(&is_handling);
    GateAwait(&was_stopped);
  }

  stray::WaitGroup all_;
  const stray::Chan<stray::Unit> done_ = stray::MakeChan<stray::Unit>();
  const stray::Chan<stray::Unit> events_;
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    const auto events = stray::MakeChan<stray::Unit>();
    static FileSource source(events);
    source.Start();
    events.Send({});
    GateAwait(&is_handling);
    source.Stop();
    GateOpen(&was_stopped);
    source.AwaitEnd();
  });
}
