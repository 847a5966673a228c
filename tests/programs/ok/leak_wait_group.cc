// SPDX-License-Identifier: Apache-2.0
// leak_wait_group.cc: WaitGroup::Go counts by itself.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/wait_group.h>

static stray::WaitGroup workers;

int main() {
  return stray::Main([] {
    auto worked = stray::MakeChan<stray::Unit>(3);
    for (int i = 0; i < 3; ++i) workers.Go("worker", [worked] { worked.Send({}); });
    auto waited = stray::MakeChan<stray::Unit>();
    stray::Go("waiter", [waited] {
      workers.Wait();
      waited.Send({});
    });
    waited.Recv();
  });
}
