// SPDX-License-Identifier: Apache-2.0
// leak_prove_sanitizer.cc: a sanitizer is in the program, whose own memory leads to everything: nothing is
// proved by what tasks can reach, and that is said.
//
// link: runtime
// modes: static-tsan shared-tsan static-asan shared-asan
// flags: --prove --settle 50ms
// note: --prove: .* sanitizer is in the program
// twin: leak_prove_channel.cc
#include <fcntl.h>
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/io.h>
#include <unistd.h>

#include "tests/support/parked.h"

int main() {
  return stray::Main([] {
    auto lost = stray::MakeChan<int>();
    stray::Go("receiver", [lost] {
      lost.Recv();  // want leak.alive x1: "receiver" .*could have woken it
    });
    stray::AwaitParked(stray::WaitReason::kChanReceive, lost.get());
    stray::Go("keeper", [] {
      int ends[2];
      if (pipe2(ends, O_NONBLOCK) != 0) return;
      // want leak.alive x1: "keeper" .*IO wait
      if (!stray::WaitReadable(ends[0])) return;
    });
  });
}
