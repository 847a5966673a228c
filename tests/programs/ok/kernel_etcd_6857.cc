// SPDX-License-Identifier: Apache-2.0
// kernel_etcd_6857.cc: who asks looks at a channel that is closed when the loop has ended, too.
//
// link: runtime
// modes: gcc-O2
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>
#include <stray/wait_group.h>

using stray::Chan;
using stray::Unit;

class Node {
 public:
  void Run() {
    for (bool stopped = false; !stopped;) {
      stray::Select(stray::OnRecv(status_, [](std::optional<Chan<int>> reply) { reply->Send(1); }),
                    stray::OnRecv(stop_, [&stopped](auto) { stopped = true; }));
    }
    done_.Close();
  }
  int Status() {
    auto reply = stray::MakeChan<int>();
    int status = 0;
    stray::Select(stray::OnSend(status_, reply, [&] { status = reply.Recv().value(); }), stray::OnRecv(done_));
    return status;
  }
  void Stop() { stop_.Close(); }

 private:
  Chan<Chan<int>> status_ = stray::MakeChan<Chan<int>>();
  Chan<Unit> stop_ = stray::MakeChan<Unit>(), done_ = stray::MakeChan<Unit>();
};

int main() {
  return stray::Main([] {
    Node node;
    stray::WaitGroup running, asker;
    running.Go("node", [&node] { node.Run(); });
    node.Status();
    node.Stop();
    running.Wait();
    asker.Go("asker", [&node] { node.Status(); });
    asker.Wait();
  });
}
