// SPDX-License-Identifier: Apache-2.0
// race_order_other_case.cc: a select takes a value from one channel, while somebody waits at the other.
//
//   bystander                  selector                         main
//   write; Send other          .                                .
//   .                          Select: Recv one, Send other     .
//   .                          .                                Send one
//   .                          write
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_select.cc
#include <stray/channel.h>
#include <stray/select.h>
#include <stray/wait_group.h>

#include "tests/support/parked.h"

int shared;

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    const auto one = stray::MakeChan<int>(), other = stray::MakeChan<int>();
    stray::WaitGroup all;
    all.Go("bystander", [=] {
      shared = 1;
      other.Send(1);
    });
    stray::AwaitParked(stray::WaitReason::kChanSend, other.get());
    all.Go("selector", [=] {
      stray::Select(stray::OnRecv(one), stray::OnSend(other, 1));
      // want race.data x1: by G\d+ "selector" at .* and written by G\d+ "bystander" at
      shared = 2;
      other.Recv();
    });
    stray::AwaitParked(stray::WaitReason::kRuntimeSelect, nullptr);
    one.Send(1);
    all.Wait();
  });
}
