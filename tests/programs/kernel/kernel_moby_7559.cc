// SPDX-License-Identifier: Apache-2.0
// kernel_moby_7559.cc: a loop goes on after an error without unlocking, and its next round locks again. After a
// kernel of GoBench (CGO 2021).
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/go.h>
#include <stray/mutex.h>

#include <optional>
#include <vector>

#include "tests/support/parked.h"

class DatagramProxy {
 public:
  explicit DatagramProxy(std::vector<int> clients) : clients_(std::move(clients)) {}
  void Run() {
    for (const int client : clients_) {
      table_mutex_
          .Lock();  // want deadlock.self x1: "proxy" waits for .*, which it has locked itself before, at
      const std::optional<int> connection = Dial(client);
      if (!connection) continue;  // without Unlock
      connections_.push_back(*connection);
      table_mutex_.Unlock();
    }
  }
  const stray::Mutex& table_mutex() const { return table_mutex_; }

 private:
  std::optional<int> Dial(int client) { return client < 0 ? std::nullopt : std::optional(client + 1); }

  stray::Mutex table_mutex_;
  std::vector<int> clients_, connections_;
};

int main() {
  return stray::Main([] {
    static DatagramProxy proxy({7, -1, 8});
    stray::Go("proxy", [] { proxy.Run(); });
    stray::AwaitParked(stray::WaitReason::kSyncMutexLock, &proxy.table_mutex());
  });
}
