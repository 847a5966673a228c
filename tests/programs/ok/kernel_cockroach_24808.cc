// SPDX-License-Identifier: Apache-2.0
// kernel_cockroach_24808.cc: a suggestion more in a full channel says nothing new, and is dropped.
//
// link: runtime
// modes: gcc-O2
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>
#include <stray/wait_group.h>

using stray::Unit;

class Compactor {
 public:
  void Suggest() { suggestions_.TrySend({}); }
  void Start() {
    suggestions_.TrySend({});
    worker_.Go("worker", [this] {
      for (bool stopped = false; !stopped;) {
        stray::Select(stray::OnRecv(suggestions_), stray::OnRecv(stop_, [&stopped](auto) { stopped = true; }));
      }
    });
  }
  void Stop() {
    stop_.Close();
    worker_.Wait();
  }

 private:
  stray::Chan<Unit> suggestions_ = stray::MakeChan<Unit>(1);
  stray::Chan<Unit> stop_ = stray::MakeChan<Unit>();
  stray::WaitGroup worker_;
};

int main() {
  return stray::Main([] {
    Compactor compactor;
    compactor.Suggest();
    compactor.Start();
    compactor.Stop();
  });
}
