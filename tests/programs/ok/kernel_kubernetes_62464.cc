// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_62464.cc: the second method does not lock: it is for those who have.
//
// link: runtime
// modes: gcc-O2 static-tsan
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

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
    return GetLocked(container).value_or(default_);
  }
  void Delete(const std::string& container) {
    reading_.Await();
    std::lock_guard guard(mutex_);
    cpus_.erase(container);
  }

 private:
  std::optional<int> GetLocked(const std::string& container) {
    const auto found = cpus_.find(container);
    return found == cpus_.end() ? std::nullopt : std::optional(found->second);
  }

  stray::RWMutex mutex_;
  stray::Milestone reading_;
  std::map<std::string, int> cpus_;
  int default_ = 4;
};

int main() {
  return stray::Main([] {
    CpuState state;
    stray::WaitGroup both;
    both.Go("manager", [&state] { state.GetOrDefault("web"); });
    both.Go("remover", [&state] { state.Delete("web"); });
    both.Wait();
  });
}
