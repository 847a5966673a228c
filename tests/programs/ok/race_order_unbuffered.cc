// SPDX-License-Identifier: Apache-2.0
// race_order_unbuffered.cc: a send comes before the receive is done, and the receive before the send is done,
// whoever of the two waits for the other. Goroutines end, and others get their stacks.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/wait_group.h>

#include "tests/support/parked.h"

long of_sender, of_receiver;

static void Meet(bool receiver_waits) {
  const auto channel = stray::MakeChan<int>();
  stray::WaitGroup both;
  both.Go([=] {
    if (receiver_waits) stray::AwaitParked(stray::WaitReason::kChanReceive, channel.get());
    ++of_sender;
    channel.Send(1);
    ++of_receiver;
  });
  both.Go([=] {
    if (!receiver_waits) stray::AwaitParked(stray::WaitReason::kChanSend, channel.get());
    ++of_receiver;
    channel.Recv();
    ++of_sender;
  });
  both.Wait();
}

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    for (int i = 0; i < 10; ++i) Meet(i % 2 == 0);
    return of_sender == 20 && of_receiver == 20 ? 0 : 1;
  });
}
