// SPDX-License-Identifier: Apache-2.0
// leak_prove_own_arena.cc: the other handle lies in memory that the program has mapped itself, and which counts
// as everybody's, whoever has the pointer to it: nobody can tell what is in use there.
//
// link: runtime
// flags: --prove --settle 50ms
// twin: leak_prove_channel.cc
#include <fcntl.h>
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/io.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>

#include "tests/support/parked.h"

int main() {
  return stray::Main([] {
    void* arena = mmap(nullptr, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (arena == MAP_FAILED) return;
    auto* handle = new (arena) stray::Chan<int>(stray::MakeChan<int>());
    stray::Go("receiver", [values = *handle] {
      values.Recv();  // want leak.alive x1: "receiver" .*could have woken it
    });
    stray::AwaitParked(stray::WaitReason::kChanReceive, handle->get());
    stray::Go("keeper", [] {
      int ends[2];
      if (pipe2(ends, O_NONBLOCK) != 0) return;
      // want leak.alive x1: "keeper" .*IO wait
      if (!stray::WaitReadable(ends[0])) return;
    });
  });
}
