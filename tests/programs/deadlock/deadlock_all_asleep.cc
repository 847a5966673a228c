// SPDX-License-Identifier: Apache-2.0
// deadlock_all_asleep.cc: each side waits for the other to send first. The runtime itself finds that out.
//
//   main          peer
//   Recv a        Recv b
//   .             Send a
//   Send b        .
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// exit: 2
#include <stray/channel.h>
#include <stray/go.h>

int main() {
  return stray::Main([] {
    auto a = stray::MakeChan<int>(), b = stray::MakeChan<int>();
    stray::Go("peer", [=] {
      b.Recv();
      a.Send(1);
    });
    a.Recv();  // want deadlock.all: main waits in chan receive
    b.Send(2);
  });
}
