// SPDX-License-Identifier: Apache-2.0
// misuse_wait_group_reused.cc: the one that waits begins the next round.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/wait_group.h>

static stray::WaitGroup round;

int main() {
  return stray::Main([] {
    for (int i = 0; i < 3; ++i) {
      round.Go([] { stray::Yield(); });
      round.Wait();
    }
  });
}
