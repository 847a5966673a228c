// SPDX-License-Identifier: Apache-2.0
// kernel_grpc_1748.cc: a test changes a timeout of the whole program, and restores it while its client's
// connections still read it.
//
//   main                              connection
//   min_connect_timeout = 10ms
//   Dial                              reads min_connect_timeout
//   min_connect_timeout = before      .
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
static Gate is_connecting, was_restored;

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
      GateAwait(&was_restored);  // who has ended may be forgotten
    });
  }
  ~Client() { all_.Wait(); }

 private:
  Connection connection_;
  stray::WaitGroup all_;
};

static void TestDialTimeout(Client* client) {
  struct Restore {
    milliseconds before = min_connect_timeout;
    // want race.data x1: min_connect_timeout.* written by .*main.* at .* and read by G\d+ "connection" at
    ~Restore() { min_connect_timeout = before; }
  } restore;
  min_connect_timeout = milliseconds(10);
  client->Dial();
  GateAwait(&is_connecting);
}

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    Client client;
    TestDialTimeout(&client);
    GateOpen(&was_restored);
  });
}
