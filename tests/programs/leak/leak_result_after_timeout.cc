// SPDX-License-Identifier: Apache-2.0
// leak_result_after_timeout.cc: the worker sends its result after the caller has given up.
//
//   main                        worker
//   Select: result, timeout     .
//   .                           Send(result)     parked: no receiver can exist any more
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>
#include <stray/time.h>

#include <chrono>

#include "tests/support/parked.h"

int main() {
  return stray::Main([] {
    auto result = stray::MakeChan<int>();
    auto gave_up = stray::MakeChan<stray::Unit>();
    stray::Go("worker", [=] {
      gave_up.Recv();  // the work takes longer than the caller waits
      // want leak.blocked x1: "worker" waits in chan send .* would have to receive from it
      result.Send(42);
    });
    stray::Select(stray::OnRecv(result), stray::OnRecv(stray::After(std::chrono::milliseconds(1))));
    gave_up.Close();
    stray::AwaitParked(stray::WaitReason::kChanSend, result.get());
  });
}
