// SPDX-License-Identifier: Apache-2.0
// deadlock_all_asleep.cc: one side sends first.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/go.h>

int main() {
  return stray::Main([] {
    auto a = stray::MakeChan<int>(), b = stray::MakeChan<int>();
    stray::Go("peer", [=] {
      b.Recv();
      a.Send(1);
    });
    b.Send(2);
    a.Recv();
  });
}
