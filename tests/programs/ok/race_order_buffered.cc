// SPDX-License-Identifier: Apache-2.0
// race_order_buffered.cc: the k-th send comes before the k-th receive is done, and that before the k+C-th send
// is done: whether the buffer has room, the sender waits, or the receiver.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/wait_group.h>

#include <string>

#include "tests/support/in_turn.h"
#include "tests/support/parked.h"

constexpr int kRoom = 2;
long sent[6], received[6];

static void Ready() {
  const auto channel = stray::MakeChan<std::string>(kRoom);
  InTurn(
      [&] {
        sent[0] = 1;
        channel.Send("a text that is too long to be stored in place");
      },
      [&] {
        channel.Recv();
        sent[0] = 2;
      });
}

// The buffer is full: a receive makes room, and puts there what the sender has.
static void SenderWaits() {
  const auto channel = stray::MakeChan<std::string>(kRoom);
  stray::WaitGroup both;
  both.Go([=] {
    for (int i = 0; i < 6; ++i) {
      sent[i] = 1;
      channel.Send("a text that is too long to be stored in place");
      if (i >= kRoom) received[i - kRoom] = 2;
    }
  });
  both.Go([=] {
    stray::AwaitParked(stray::WaitReason::kChanSend, channel.get());
    for (int i = 0; i < 6; ++i) {
      received[i] = 1;
      channel.Recv();
      sent[i] = 2;
    }
  });
  both.Wait();
}

// The buffer is empty: a send gives the value to who waits for it.
static void ReceiverWaits() {
  const auto channel = stray::MakeChan<std::string>(kRoom);
  stray::WaitGroup both;
  both.Go([=] {
    for (int i = 0; i < 6; ++i) {
      received[i] = 1;
      channel.Recv();
      sent[i] = 2;
    }
  });
  both.Go([=] {
    for (int i = 0; i < 6; ++i) {
      if (i < 3) stray::AwaitParked(stray::WaitReason::kChanReceive, channel.get());
      sent[i] = 1;
      channel.Send("a text that is too long to be stored in place");
      if (i >= kRoom) received[i - kRoom] = 2;
    }
  });
  both.Wait();
}

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    Ready();
    SenderWaits();
    ReceiverWaits();
  });
}
