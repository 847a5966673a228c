// SPDX-License-Identifier: Apache-2.0
// kernel_cockroach_25456.cc: who wants to know whether the store is being stopped receives from the channel
// that would be closed, instead of asking. Nobody closes it. After a kernel of GoBench (CGO 2021).
//
// link: runtime
// modes: gcc-O2
// exit: 2
#include <stray/channel.h>
#include <stray/go.h>

using stray::Unit;

class Stopper {
 public:
  const stray::Chan<Unit>& ShouldQuiesce() const { return quiesce_; }

 private:
  stray::Chan<Unit> quiesce_ = stray::MakeChan<Unit>();
};

class ConsistencyQueue {
 public:
  explicit ConsistencyQueue(const Stopper& stopper) : stopper_(stopper) {}
  bool Process() {
    const bool consistent = Check();
    if (!consistent) stopper_.ShouldQuiesce().Recv();  // want deadlock.all x1: main waits in chan receive
    return consistent;
  }

 private:
  bool Check() { return ++checks_ % 2 == 0; }

  const Stopper& stopper_;
  int checks_ = 0;
};

int main() {
  return stray::Main([] {
    Stopper stopper;
    ConsistencyQueue(stopper).Process();
  });
}
