// SPDX-License-Identifier: Apache-2.0
// leak_forgotten_cancel.cc: the caller drops the cancel function, so nobody can end who waits for the context.
//
//   main                          watcher
//   WithCancel, drop cancel       Recv Done     parked: the parent is the background, which never ends
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/context.h>
#include <stray/go.h>

#include "tests/support/parked.h"

static stray::Context Watched() {
  auto [context, cancel] = stray::WithCancel(stray::Background());
  stray::Go("watcher", [context = context] {
    context.Done().Recv();  // want leak.blocked x1: "watcher" waits in chan receive on channel context\.Done
  });
  return context;
}

int main() {
  return stray::Main([] {
    const stray::Context context = Watched();
    stray::AwaitParked(stray::WaitReason::kChanReceive, context.Done().get());
  });
}
