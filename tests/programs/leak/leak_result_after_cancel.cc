// SPDX-License-Identifier: Apache-2.0
// leak_result_after_cancel.cc: the caller leaves when its context is done; the workers do not look at it.
//
//   main                        worker (3)
//   Select: result, Done        .
//   .                           Send(result)     parked: nobody receives any more
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/context.h>
#include <stray/go.h>
#include <stray/select.h>

#include "tests/support/parked.h"

int main() {
  return stray::Main([] {
    auto results = stray::MakeChan<int>();
    auto [context, cancel] = stray::WithCancel(stray::Background());
    for (int i = 0; i < 3; ++i) {
      stray::Go("worker", [results, done = context.Done(), i] {
        done.Recv();  // the work takes until then
        // want leak.blocked x3: would have to receive from it, .*"worker" blocked \[chan send\]
        results.Send(i);
      });
    }
    cancel();
    context.Done().Recv();
    stray::AwaitParked(stray::WaitReason::kChanSend, results.get(), 3);
  });
}
