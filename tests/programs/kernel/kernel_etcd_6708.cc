// SPDX-License-Identifier: Apache-2.0
// kernel_etcd_6708.cc: the list of members is synced under the write lock, and the request that fetches it
// takes the read lock of the same client. After a kernel of GoBench (CGO 2021).
//
//   main
//   Sync              Lock
//     Members
//       Do            RLock     itself writes
//
// link: runtime
// modes: gcc-O2
// exit: 2
#include <stray/go.h>
#include <stray/mutex.h>

#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

class ClusterClient {
 public:
  void Sync() {
    std::lock_guard guard(mutex_);
    endpoints_ = Members();
  }

 private:
  std::vector<std::string> Members() { return {Do("/members")}; }
  std::string Do(const std::string& path) {
    // want deadlock.self x1: Main waits .*, which it has locked itself before, at .*ClusterClient::Sync
    std::shared_lock guard(mutex_);
    return endpoints_.front() + path;
  }

  stray::RWMutex mutex_;
  std::vector<std::string> endpoints_ = {"localhost"};
};

int main() {
  return stray::Main([] { ClusterClient().Sync(); });
}
