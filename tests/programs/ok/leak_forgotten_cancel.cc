// SPDX-License-Identifier: Apache-2.0
// leak_forgotten_cancel.cc: whoever makes the context cancels it when the work is over.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/context.h>
#include <stray/go.h>
#include <stray/wait_group.h>

int main() {
  return stray::Main([] {
    auto [context, cancel] = stray::WithCancel(stray::Background());
    stray::WaitGroup watcher;
    watcher.Go("watcher", [context = context] { context.Done().Recv(); });
    cancel();
    watcher.Wait();
  });
}
