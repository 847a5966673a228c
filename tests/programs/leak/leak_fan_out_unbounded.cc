// SPDX-License-Identifier: Apache-2.0
// leak_fan_out_unbounded.cc: a goroutine for each of 500 requests, all of which wait for one reply.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>

#include "tests/support/parked.h"

int main() {
  return stray::Main([] {
    auto reply = stray::MakeChan<int>();
    for (int i = 0; i < 500; ++i) {
      stray::Go("request", [reply] {
        reply.Recv();  // want leak.blocked x500: 500 goroutines wait in chan receive
      });
    }
    stray::AwaitParked(stray::WaitReason::kChanReceive, reply.get(), 500);
  });
}
