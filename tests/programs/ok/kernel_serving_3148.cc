// SPDX-License-Identifier: Apache-2.0
// kernel_serving_3148.cc: a test has prepended all reactions to those of a fake client before it starts the
// controller that goes over them.
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

class FakeClient {
 public:
  using Reactor = bool (*)(const std::string& action);

  void PrependReactor(Reactor reactor) {
    std::vector<Reactor> chain = {reactor};
    for (Reactor before : chain_) chain.push_back(before);
    chain_.swap(chain);
  }
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
    all_.Go("controller", [this] { started_.Do([this] { client_->Invoke("list"); }); });
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
    client.PrependReactor([](const std::string& action) { return action == "update"; });
    controller.Start();
    controller.AwaitEnd();
  });
}
