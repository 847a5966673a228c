// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_49404.cc: the handler of a test server notes in a variable of the test that it was called,
// and the test closes the server before it looks.
//
// GoBench (CGO 2021): kubernetes_49404.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/go.h>
#include <stray/wait_group.h>

#include <functional>

#include "tests/support/order.h"

static Gate was_handled;

class TestServer {
 public:
  explicit TestServer(std::function<void()> handler) : handler_(std::move(handler)) {}
  ~TestServer() { Close(); }

  void Accept() {
    handlers_.Go("handler", [this] {
      handler_();
      GateOpen(&was_handled);
    });
  }
  // Waits until all requests are handled.
  void Close() { handlers_.Wait(); }

 private:
  std::function<void()> handler_;
  stray::WaitGroup handlers_;
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    bool was_called = false;
    TestServer server([&] { was_called = true; });
    server.Accept();
    GateAwait(&was_handled);
    server.Close();
    if (!was_called) stray::Panic("not called");
  });
}
