// SPDX-License-Identifier: Apache-2.0
// kernel_grpc_862.cc: a dial that fails forgets to cancel the context of its connection, so that the goroutine
// that connects tries again and again, with growing pauses. After a kernel of GoBench (CGO 2021).
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/context.h>
#include <stray/go.h>
#include <stray/select.h>
#include <stray/time.h>

#include <chrono>
#include <memory>

#include "tests/support/parked.h"

using namespace std::chrono_literals;

static stray::Milestone tried;

struct Connection {
  stray::Context context;
  stray::CancelFunc cancel;

  void Connect() {
    bool cancelled = false;
    for (auto pause = 1ms; !cancelled; pause *= 2) {
      tried.Reach();
      // want leak.alive x1: goroutine "connector" .*\[select\]
      stray::Select(stray::OnRecv(stray::After(pause)),
                    stray::OnRecv(context.Done(), [&cancelled](auto) { cancelled = true; }));
    }
  }
};

static std::shared_ptr<Connection> Dial(const stray::Context& context) {
  auto connection = std::make_shared<Connection>();
  auto made = stray::WithCancel(stray::Background());
  connection->context = made.context;
  connection->cancel = made.cancel;
  stray::Go("connector", [connection] { connection->Connect(); });
  context.Done().Recv();
  return nullptr;  // without cancel
}

int main() {
  return stray::Main([] {
    auto [context, cancel] = stray::WithTimeout(stray::Background(), 1ms);
    Dial(context);
    tried.Await();
  });
}
