// SPDX-License-Identifier: Apache-2.0
// leak_receive_nobody_sends.cc: the channel is closed on every path, so who waits for it goes on.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/wait_group.h>

static bool Start() { return false; }

int main() {
  return stray::Main([] {
    auto ready = stray::MakeChan<stray::Unit>();
    stray::WaitGroup all;
    all.Go("waiter", [ready] { ready.Recv(); });
    all.Go("starter", [ready] {
      if (Start()) ready.Send({});
      ready.Close();
    });
    all.Wait();
  });
}
