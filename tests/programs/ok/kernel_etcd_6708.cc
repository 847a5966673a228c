// SPDX-License-Identifier: Apache-2.0
// kernel_etcd_6708.cc: the write lock is taken when the answer is there.
//
// link: runtime
// modes: gcc-O2
#include <stray/go.h>
#include <stray/mutex.h>

#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

class ClusterClient {
 public:
  void Sync() {
    std::vector<std::string> members = Members();
    std::lock_guard guard(mutex_);
    endpoints_ = std::move(members);
  }

 private:
  std::vector<std::string> Members() { return {Do("/members")}; }
  std::string Do(const std::string& path) {
    std::shared_lock guard(mutex_);
    return endpoints_.front() + path;
  }

  stray::RWMutex mutex_;
  std::vector<std::string> endpoints_ = {"localhost"};
};

int main() {
  return stray::Main([] { ClusterClient().Sync(); });
}
