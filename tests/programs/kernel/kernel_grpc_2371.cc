// SPDX-License-Identifier: Apache-2.0
// kernel_grpc_2371.cc: a connection that is closed drops its balancer, while what its resolver has found first
// is still on its way to it.
//
//   resolver                        main
//   resolves                        .
//   .                               Close: balancer_ = nullptr
//   HandleAddresses: *balancer_     .
//
// The program dies of it, and nothing is left of what stray looks for. It is not built with sanitizers, which
// would catch the signal: what links runtime alone is, in their presets.
//
// GoBench (CGO 2021): grpc_2371.
//
// link: runtime-race
// modes: gcc-O2
// exit: 139
#include <stray/stray.h>

#include <memory>
#include <mutex>
#include <string>

#include "tests/support/order.h"

static Gate closed;

class BalancerWrapper {
 public:
  virtual ~BalancerWrapper() = default;
  virtual void HandleAddresses(const std::string& addresses) { updates_.TrySend(addresses); }

 private:
  const stray::Chan<std::string> updates_ = stray::MakeChan<std::string>(1);
};

class ClientConnection {
 public:
  // Called by the resolver.
  void HandleAddresses(const std::string& addresses) {
    std::lock_guard guard(mutex_);
    balancer_->HandleAddresses(addresses);
  }
  void Close() {
    std::lock_guard guard(mutex_);
    balancer_ = nullptr;
  }

 private:
  stray::RWMutex mutex_;
  std::unique_ptr<BalancerWrapper> balancer_ = std::make_unique<BalancerWrapper>();
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(2);
    ClientConnection connection;
    stray::WaitGroup resolver;
    resolver.Go("resolver", [&] {
      GateAwait(&closed);
      connection.HandleAddresses("10.0.0.1");
    });
    connection.Close();
    GateOpen(&closed);
    resolver.Wait();
  });
}
