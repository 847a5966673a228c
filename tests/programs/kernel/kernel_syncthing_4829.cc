// SPDX-License-Identifier: Apache-2.0
// kernel_syncthing_4829.cc: the addresses of a mapping are cleared under its write lock, and whoever is told of
// it takes the read lock. After a kernel of GoBench (CGO 2021).
//
//   main
//   Clear            Lock
//     Notify
//       Address      RLock     itself writes
//
// link: runtime
// modes: gcc-O2
// exit: 2
#include <stray/go.h>
#include <stray/mutex.h>

#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>

class Mapping {
 public:
  void Clear() {
    std::lock_guard guard(mutex_);
    for (auto one = addresses_.begin(); one != addresses_.end();) {
      one = addresses_.erase(one);
      Notify();
    }
  }
  std::string Address() {
    // want deadlock.self x1: Main waits .*, which it has locked itself before, at .*Mapping::Clear
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
