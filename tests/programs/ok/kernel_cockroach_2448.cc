// SPDX-License-Identifier: Apache-2.0
// kernel_cockroach_2448.cc: a loop that sends goes on receiving meanwhile, and stop is closed.
//
// link: runtime
// modes: gcc-O2
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>
#include <stray/wait_group.h>

#include "tests/support/parked.h"

using stray::Chan;
using stray::Unit;

struct Node {
  Chan<int> events = stray::MakeChan<int>(), callbacks = stray::MakeChan<int>();
  Chan<Unit> stop = stray::MakeChan<Unit>();
  stray::Milestone busy, passed;

  void Run(const Chan<int>& to, const Chan<int>& from) {
    for (bool stopped = false; !stopped;) {
      MeetTheOther();
      stray::Select(stray::OnSend(to, 1, [this] { passed.Reach(); }), stray::OnRecv(from),
                    stray::OnRecv(stop, [&stopped](auto) { stopped = true; }));
    }
  }
  void MeetTheOther() {
    busy.Reach();
    busy.Await(2);
  }
};

int main() {
  return stray::Main([] {
    Node node;
    stray::WaitGroup both;
    both.Go("raft", [&node] { node.Run(node.events, node.callbacks); });
    both.Go("store", [&node] { node.Run(node.callbacks, node.events); });
    node.passed.Await(3);
    node.stop.Close();
    both.Wait();
  });
}
