// SPDX-License-Identifier: Apache-2.0
// kernel_cockroach_2448.cc: two event loops hand work to each other without a buffer, and send at the same
// time; the other way out of both is a stop channel that nobody closes. After a kernel of GoBench (CGO 2021).
//
//   raft                    store
//   Select: events, stop    Select: callbacks, stop     both send, nobody receives
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>

#include "tests/support/parked.h"

using stray::Chan;
using stray::Unit;

struct Node {
  Chan<int> events = stray::MakeChan<int>(), callbacks = stray::MakeChan<int>();
  Chan<Unit> stop = stray::MakeChan<Unit>();
  stray::Milestone busy;

  // Takes callbacks, and sends an event when it has something to tell.
  void RunRaft() {
    for (bool stopped = false; !stopped;) {
      MeetTheOther();
      // want leak.blocked x1: "raft" waits in select\. .* selects send .*, receive
      stray::Select(stray::OnSend(events, 1), stray::OnRecv(stop, [&stopped](auto) { stopped = true; }));
      stray::Select(stray::OnRecv(callbacks), stray::OnRecv(stop, [&stopped](auto) { stopped = true; }));
    }
  }
  // Takes events, and sends a callback when it has dealt with one.
  void RunStore() {
    for (bool stopped = false; !stopped;) {
      MeetTheOther();
      // want leak.blocked x1: "store" waits in select\. .* selects send .*, receive
      stray::Select(stray::OnSend(callbacks, 1), stray::OnRecv(stop, [&stopped](auto) { stopped = true; }));
      stray::Select(stray::OnRecv(events), stray::OnRecv(stop, [&stopped](auto) { stopped = true; }));
    }
  }
  void MeetTheOther() {
    busy.Reach();
    busy.Await(2);
  }
};

int main() {
  return stray::Main([] {
    static Node node;
    stray::Go("raft", [] { node.RunRaft(); });
    stray::Go("store", [] { node.RunStore(); });
    stray::AwaitParked(stray::WaitReason::kRuntimeSelect, nullptr, 2);
  });
}
