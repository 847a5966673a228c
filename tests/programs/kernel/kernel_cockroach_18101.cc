// SPDX-License-Identifier: Apache-2.0
// kernel_cockroach_18101.cc: the reader quits when its context is cancelled, after one span; the producer sends
// eight into a channel for six, and does not look at the context. After a kernel of GoBench (CGO 2021).
//
//   producer                  reader
//   Send 1 .. 7               Recv 1
//   .                         cancelled: return
//   Send 8                    .                    six in the buffer, no receiver
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/context.h>
#include <stray/go.h>

#include "tests/support/parked.h"

using stray::Chan;
using stray::Context;

static Chan<int> ready_to_import;

static void Split(int spans) {
  for (int span = 1; span <= spans; ++span) {
    ready_to_import.Send(span);  // want leak.blocked x1: "producer" waits in chan send
  }
  ready_to_import.Close();
}

// The number of spans that were restored.
static int Restore(const Context& context, const stray::CancelFunc& cancel) {
  ready_to_import = stray::MakeChan<int>(6);
  stray::Go("producer", [] { Split(8); });
  int restored = 0;
  for ([[maybe_unused]] const int span : ready_to_import) {
    if (++restored == 1) cancel();
    if (context.Err()) break;
  }
  return restored;
}

int main() {
  return stray::Main([] {
    auto [context, cancel] = stray::WithCancel(stray::Background());
    Restore(context, cancel);
    stray::AwaitParked(stray::WaitReason::kChanSend, ready_to_import.get());
  });
}
