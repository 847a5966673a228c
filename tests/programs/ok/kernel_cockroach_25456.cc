// SPDX-License-Identifier: Apache-2.0
// kernel_cockroach_25456.cc: it asks whether there is something to receive, and goes on if not.
//
// link: runtime
// modes: gcc-O2
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>

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
    bool quiesces = false;
    stray::Select(stray::OnRecv(stopper_.ShouldQuiesce(), [&quiesces](auto) { quiesces = true; }),
                  stray::OnDefault());
    return consistent || quiesces;
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
