// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_62464.cc: a state is read under the read lock through a second method that takes it again,
// and the write lock of who removes a container gets in between. After a kernel of GoBench (CGO 2021).
//
//   manager                 remover
//   GetOrDefault: RLock     .
//   .                       Delete: Lock      waits for the manager to leave
//     Get: RLock            .                 waits behind the remover
//
// link: runtime
// modes: gcc-O2 static-tsan
// flags: --settle 50ms
#include <stray/go.h>
#include <stray/mutex.h>

#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>

#include "tests/support/parked.h"

class CpuState {
 public:
  int GetOrDefault(const std::string& container) {
    std::shared_lock guard(mutex_);
    reading_.Reach();
    stray::AwaitParked(stray::WaitReason::kSyncRWMutexLock, &mutex_);
    return Get(container).value_or(default_);
  }
  std::optional<int> Get(const std::string& container) {
    std::shared_lock guard(mutex_);  // want deadlock.cycle x1: "manager" .*\[sync.RWMutex.RLock\]
    const auto found = cpus_.find(container);
    return found == cpus_.end() ? std::nullopt : std::optional(found->second);
  }
  void Delete(const std::string& container) {
    reading_.Await();
    std::lock_guard guard(mutex_);  // want deadlock.cycle x1: "remover" .*\[sync.RWMutex.Lock\]
    cpus_.erase(container);
  }
  const stray::RWMutex& mutex() const { return mutex_; }

 private:
  stray::RWMutex mutex_;
  stray::Milestone reading_;
  std::map<std::string, int> cpus_;
  int default_ = 4;
};

int main() {
  return stray::Main([] {
    static CpuState state;
    stray::Go("manager", [] { state.GetOrDefault("web"); });
    stray::Go("remover", [] { state.Delete("web"); });
    stray::AwaitParked(stray::WaitReason::kSyncRWMutexRLock, &state.mutex());
  });
}
