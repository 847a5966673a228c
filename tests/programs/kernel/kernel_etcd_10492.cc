// SPDX-License-Identifier: Apache-2.0
// kernel_etcd_10492.cc: a lease is renewed under the lessor's lock, and the callback that writes the check
// point takes that lock again. After a kernel of GoBench (CGO 2021).
//
//   main
//   Renew              Lock
//     checkpointer     (a callback)
//       Checkpoint     Lock     itself has it
//
// link: runtime
// modes: gcc-O2 static-tsan
// exit: 2
#include <stray/go.h>
#include <stray/mutex.h>

#include <functional>
#include <mutex>

class Lessor {
 public:
  void SetCheckpointer(std::function<void(int)> checkpointer) { checkpointer_ = std::move(checkpointer); }
  void Checkpoint(int lease) {
    // want deadlock.self x1: Main waits .*, which it has locked itself before, at .*Lessor::Renew
    std::lock_guard guard(mutex_);
    last_checkpoint_ = lease;
  }
  void Renew(int lease) {
    std::lock_guard guard(mutex_);
    if (checkpointer_) checkpointer_(lease);
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
