// SPDX-License-Identifier: Apache-2.0
// leak_prove_hidden_pointer.cc: the same, and the one who has the handle uses it.
//
// link: runtime
// flags: --prove --settle 2s
#include <fcntl.h>
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/io.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <memory>

#include "tests/support/parked.h"

namespace {

using Handle = stray::Chan<int>;

// In a frame of its own, so that no other has the address.
__attribute__((noinline)) uintptr_t StartReceiver() {
  auto handle = std::make_unique<Handle>(stray::MakeChan<int>());
  stray::Go("receiver", [values = *handle] { values.Recv(); });
  stray::AwaitParked(stray::WaitReason::kChanReceive, handle->get());
  return ~reinterpret_cast<uintptr_t>(handle.release());
}

}  // namespace

int main() {
  return stray::Main([] {
    int ends[2];
    if (pipe2(ends, O_NONBLOCK) != 0) return;
    stray::Go("keeper", [ends, hidden = StartReceiver()] {
      if (!stray::WaitReadable(ends[0])) reinterpret_cast<Handle*>(~hidden)->Send(1);
    });
    if (write(ends[1], "x", 1) != 1) perror("write");
  });
}
