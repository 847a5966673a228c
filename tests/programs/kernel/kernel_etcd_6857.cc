// SPDX-License-Identifier: Apache-2.0
// kernel_etcd_6857.cc: the status of a node is asked for after its loop has seen the stop and ended. After a
// kernel of GoBench (CGO 2021).
//
//   node                    asker
//   Select: status, stop    .
//   return                  .
//   .                       Send reply      parked: the loop was the only receiver
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>
#include <stray/wait_group.h>

#include "tests/support/parked.h"

using stray::Chan;
using stray::Unit;

class Node {
 public:
  void Run() {
    for (bool stopped = false; !stopped;) {
      stray::Select(stray::OnRecv(status_, [](std::optional<Chan<int>> reply) { reply->Send(1); }),
                    stray::OnRecv(stop_, [&stopped](auto) { stopped = true; }));
    }
  }
  int Status() {
    auto reply = stray::MakeChan<int>();
    // want leak.blocked x1: "asker" waits in chan send .* "node" at .*, which has ended since
    status_.Send(reply);
    return reply.Recv().value();
  }
  void Stop() { stop_.Close(); }
  void AwaitAsked() const { stray::AwaitParked(stray::WaitReason::kChanSend, status_.get()); }

 private:
  Chan<Chan<int>> status_ = stray::MakeChan<Chan<int>>();
  Chan<Unit> stop_ = stray::MakeChan<Unit>();
};

int main() {
  return stray::Main([] {
    static Node node;
    stray::WaitGroup running;
    running.Go("node", [] { node.Run(); });
    node.Status();
    node.Stop();
    running.Wait();
    stray::Go("asker", [] { node.Status(); });
    node.AwaitAsked();
  });
}
