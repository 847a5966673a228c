// SPDX-License-Identifier: Apache-2.0
// kernel_etcd_10492.cc: the callback is called after the lock has been given back.
//
// link: runtime
// modes: gcc-O2 static-tsan
#include <stray/go.h>
#include <stray/mutex.h>

#include <functional>
#include <mutex>

class Lessor {
 public:
  void SetCheckpointer(std::function<void(int)> checkpointer) { checkpointer_ = std::move(checkpointer); }
  void Checkpoint(int lease) {
    std::lock_guard guard(mutex_);
    last_checkpoint_ = lease;
  }
  void Renew(int lease) {
    std::function<void(int)> checkpointer;
    {
      std::lock_guard guard(mutex_);
      checkpointer = checkpointer_;
    }
    if (checkpointer) checkpointer(lease);
  }

 private:
  stray::RWMutex mutex_;
  std::function<void(int)> checkpointer_;
  int last_checkpoint_ = 0;
};

int main() {
  return stray::Main([] {
    Lessor lessor;
    lessor.SetCheckpointer([&lessor](int lease) { lessor.Checkpoint(lease); });
    lessor.Renew(1);
  });
}
