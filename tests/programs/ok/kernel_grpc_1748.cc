// SPDX-License-Identifier: Apache-2.0
// kernel_grpc_1748.cc: a test changes a timeout of the whole program, and restores it when the
// connections of its client have ended.
//
// GoBench (CGO 2021): grpc_1748.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <chrono>
#include <mutex>

#include "tests/support/order.h"

using std::chrono::milliseconds;

milliseconds min_connect_timeout{20000};
static Gate is_connecting;

class Connection {
 public:
  void Reset() {
    std::lock_guard guard(mutex_);
    timeout_ = min_connect_timeout;
  }

 private:
  stray::Mutex mutex_;
  milliseconds timeout_{0};
};

class Client {
 public:
  void Dial() {
    all_.Go("connection", [this] {
      connection_.Reset();
      GateOpen(&is_connecting);
    });
  }
  ~Client() { all_.Wait(); }

 private:
  Connection connection_;
  stray::WaitGroup all_;
};

static void TestDialTimeout() {
  struct Restore {
    milliseconds before = min_connect_timeout;
    ~Restore() { min_connect_timeout = before; }
  } restore;
  min_connect_timeout = milliseconds(10);
  Client client;  // closed before the timeout is restored
  client.Dial();
  GateAwait(&is_connecting);
}

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    TestDialTimeout();
  });
}
