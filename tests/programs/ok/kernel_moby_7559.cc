// SPDX-License-Identifier: Apache-2.0
// kernel_moby_7559.cc: the loop unlocks before it goes on.
//
// link: runtime
// modes: gcc-O2
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <optional>
#include <vector>

class DatagramProxy {
 public:
  explicit DatagramProxy(std::vector<int> clients) : clients_(std::move(clients)) {}
  void Run() {
    for (const int client : clients_) {
      table_mutex_.Lock();
      const std::optional<int> connection = Dial(client);
      if (!connection) {
        table_mutex_.Unlock();
        continue;
      }
      connections_.push_back(*connection);
      table_mutex_.Unlock();
    }
  }

 private:
  std::optional<int> Dial(int client) { return client < 0 ? std::nullopt : std::optional(client + 1); }

  stray::Mutex table_mutex_;
  std::vector<int> clients_, connections_;
};

int main() {
  return stray::Main([] {
    DatagramProxy proxy({7, -1, 8});
    stray::WaitGroup running;
    running.Go("proxy", [&proxy] { proxy.Run(); });
    running.Wait();
  });
}
