// SPDX-License-Identifier: Apache-2.0
// kernel_grpc_862.cc: a dial that fails cancels the context of its connection.
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
#include <memory>

using namespace std::chrono_literals;

static stray::WaitGroup connectors;

struct Connection {
  stray::Context context;
  stray::CancelFunc cancel;

  void Connect() {
    bool cancelled = false;
    for (auto pause = 1ms; !cancelled; pause *= 2) {
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
  connectors.Go("connector", [connection] { connection->Connect(); });
  context.Done().Recv();
  connection->cancel();
  return nullptr;
}

int main() {
  return stray::Main([] {
    auto [context, cancel] = stray::WithTimeout(stray::Background(), 1ms);
    Dial(context);
    connectors.Wait();
  });
}
