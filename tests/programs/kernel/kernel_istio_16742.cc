// SPDX-License-Identifier: Apache-2.0
// kernel_istio_16742.cc: labels of a proxy are set under the lock of the readers, and read without any when
// configuration is pushed to it.
//
//   pusher                      updater
//   .                           RLock
//   reads labels                .
//   .                           labels = ..., RUnlock
//
// GoBench (CGO 2021): istio_16742.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/go.h>
#include <stray/map.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <shared_mutex>
#include <string>

#include "tests/support/order.h"

static Gate pushed, updated;

using Labels = stray::PlainMap<std::string, std::string>;
struct Node {
  const Labels* labels = nullptr;
};

class DiscoveryServer {
 public:
  explicit DiscoveryServer(Node* node) : node_(node) {}

  void SetLabels(const Labels* labels) {
    std::shared_lock guard(mutex_);
    GateAwait(&pushed);
    // want race.data x1: with rwlock \S+ held for reading and read by G\d+ "pusher" at
    node_->labels = labels;
  }
  bool Push(const std::string& version) { return node_->labels->Load("version") == version; }

 private:
  stray::RWMutex mutex_;
  Node* node_;
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    Labels before, after;
    before.Store("version", "1");
    after.Store("version", "2");
    Node node{&before};
    DiscoveryServer server(&node);
    stray::WaitGroup both;
    both.Go("pusher", [&] {
      if (!server.Push("1")) stray::Panic("another version");
      GateOpen(&pushed);
      GateAwait(&updated);  // who has ended may be forgotten
    });
    both.Go("updater", [&] {
      server.SetLabels(&after);
      GateOpen(&updated);
    });
    both.Wait();
  });
}
