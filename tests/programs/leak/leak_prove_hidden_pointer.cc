// SPDX-License-Identifier: Apache-2.0
// leak_prove_hidden_pointer.cc: a limit, not a feature: the only other handle is stored with all bits turned
// round. A living goroutine could turn them back, and nobody who reads memory can know: "proved", and not true.
//
// link: runtime
// flags: --prove --settle 50ms
#include <fcntl.h>
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/io.h>
#include <unistd.h>

#include <cstdint>
#include <memory>

#include "tests/support/parked.h"

namespace {

using Handle = stray::Chan<int>;

// In a frame of its own, so that no other has the address.
__attribute__((noinline)) uintptr_t StartReceiver() {
  auto handle = std::make_unique<Handle>(stray::MakeChan<int>());
  stray::Go("receiver", [values = *handle] {
    values.Recv();  // want leak.blocked x1: "receiver" .*can reach it any more
  });
  stray::AwaitParked(stray::WaitReason::kChanReceive, handle->get());
  return ~reinterpret_cast<uintptr_t>(handle.release());
}

}  // namespace

int main() {
  return stray::Main([] {
    stray::Go("keeper", [hidden = StartReceiver()] {
      int ends[2];
      if (pipe2(ends, O_NONBLOCK) != 0) return;
      // want leak.alive x1: "keeper" .*IO wait
      if (!stray::WaitReadable(ends[0])) reinterpret_cast<Handle*>(~hidden)->Send(1);
    });
  });
}
