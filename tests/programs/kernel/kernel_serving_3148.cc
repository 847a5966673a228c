// SPDX-License-Identifier: Apache-2.0
// kernel_serving_3148.cc: a test prepends a reaction to those of a fake client, which a controller that was
// started before goes over.
//
//   controller                      main
//   Invoke: goes over chain_        .
//   .                               PrependReactor: chain_ = ...
//
// GoBench (CGO 2021): serving_3148.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/go.h>
#include <stray/once.h>
#include <stray/wait_group.h>

#include <string>
#include <vector>

#include "tests/support/order.h"

static Gate was_invoked, was_prepended;

class FakeClient {
 public:
  using Reactor = bool (*)(const std::string& action);

  void PrependReactor(Reactor reactor) {
    std::vector<Reactor> chain = {reactor};
    for (Reactor before : chain_) chain.push_back(before);
    // want race.data: by .*main.* at .* and read by G\d+ "controller" at
    chain_.swap(chain);
    // want race.data x1: written by .*main.* at .* and read by G\d+ "controller" at
  }  // what was there is freed
  bool Invoke(const std::string& action) {
    for (Reactor reactor : chain_) {
      if (reactor(action)) return true;
    }
    return false;
  }

 private:
  std::vector<Reactor> chain_;
};

class Controller {
 public:
  explicit Controller(FakeClient* client) : client_(client) {}
  void Start() {
    all_.Go("controller", [this] {
      started_.Do([this] { client_->Invoke("list"); });
      GateOpen(&was_invoked);
      GateAwait(&was_prepended);  // who has ended may be forgotten
    });
  }
  void AwaitEnd() { all_.Wait(); }

 private:
  FakeClient* client_;
  stray::Once started_;
  stray::WaitGroup all_;
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    FakeClient client;
    client.PrependReactor([](const std::string& action) { return action == "list"; });
    Controller controller(&client);
    controller.Start();
    GateAwait(&was_invoked);
    client.PrependReactor([](const std::string& action) { return action == "update"; });
    GateOpen(&was_prepended);
    controller.AwaitEnd();
  });
}
