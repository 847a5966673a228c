// SPDX-License-Identifier: Apache-2.0
// leak_chan_nil.cc: sending to and receiving from the nil channel, and a select without cases, wait for ever.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>

static stray::Chan<int> nil;

int main() {
  return stray::Main([] {
    auto begun = stray::MakeChan<stray::Unit>();
    stray::Go("sender", [begun] {
      begun.Send({});
      nil.Send(1);  // want leak.blocked: goroutine "sender" blocked \[chan send \(nil chan\)\]
    });
    stray::Go("receiver", [begun] {
      begun.Send({});
      nil.Recv();  // want leak.blocked: goroutine "receiver" blocked \[chan receive \(nil chan\)\]
    });
    stray::Go("selector", [begun] {
      begun.Send({});
      stray::Select();  // want leak.blocked: goroutine "selector" blocked \[select \(no cases\)\]
    });
    for (int i = 0; i < 3; ++i) begun.Recv();
  });
}
