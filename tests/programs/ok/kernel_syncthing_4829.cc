// SPDX-License-Identifier: Apache-2.0
// kernel_syncthing_4829.cc: who is told is told after the lock has been given back.
//
// link: runtime
// modes: gcc-O2
#include <stray/go.h>
#include <stray/mutex.h>

#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>

class Mapping {
 public:
  void Clear() {
    bool changed = false;
    {
      std::lock_guard guard(mutex_);
      changed = !addresses_.empty();
      addresses_.clear();
    }
    if (changed) Notify();
  }
  std::string Address() {
    std::shared_lock guard(mutex_);
    return addresses_.empty() ? "none" : addresses_.begin()->second;
  }

 private:
  void Notify() { announced_ = Address(); }

  stray::RWMutex mutex_;
  std::map<std::string, std::string> addresses_ = {{"router", "10.0.0.1"}};
  std::string announced_;
};

int main() {
  return stray::Main([] { Mapping().Clear(); });
}
