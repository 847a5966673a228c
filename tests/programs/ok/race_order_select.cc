// SPDX-License-Identifier: Apache-2.0
// race_order_select.cc: a case of a select orders as its send or receive alone does: at once, after a wait, and
// against another select; and so does one that a close has made ready.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/select.h>
#include <stray/wait_group.h>

#include "tests/support/parked.h"

long of_sender, of_receiver, of_closer;

static void SendBySelect(const stray::Chan<int>& channel, const stray::Chan<int>& never) {
  ++of_sender;
  stray::Select(stray::OnSend(channel, 1), stray::OnRecv(never));
  ++of_receiver;
}

static void ReceiveBySelect(const stray::Chan<int>& channel, const stray::Chan<int>& never) {
  ++of_receiver;
  stray::Select(stray::OnRecv(channel), stray::OnRecv(never));
  ++of_sender;
}

static void Rendezvous(bool sender_selects, bool receiver_selects) {
  const auto channel = stray::MakeChan<int>(), never = stray::MakeChan<int>();
  stray::WaitGroup both;
  both.Go([=] {
    if (sender_selects) return SendBySelect(channel, never);
    ++of_sender;
    channel.Send(1);
    ++of_receiver;
  });
  both.Go([=] {
    if (receiver_selects) return ReceiveBySelect(channel, never);
    ++of_receiver;
    channel.Recv();
    ++of_sender;
  });
  both.Wait();
}

// The buffer is full, or empty, for who comes first.
static void Buffered(bool sender_waits) {
  const auto channel = stray::MakeChan<int>(1), never = stray::MakeChan<int>();
  if (sender_waits) channel.Send(0);
  const auto reason = stray::WaitReason::kRuntimeSelect;
  stray::WaitGroup both;
  both.Go([=] {
    if (!sender_waits) stray::AwaitParked(reason, nullptr);
    ++of_sender;
    stray::Select(stray::OnSend(channel, 1), stray::OnRecv(never));
  });
  both.Go([=] {
    if (sender_waits) {
      stray::AwaitParked(reason, nullptr);
      channel.Recv();
    }
    stray::Select(stray::OnRecv(channel), stray::OnRecv(never));
    ++of_sender;
  });
  both.Wait();
}

static void Closed(bool waits) {
  const auto channel = stray::MakeChan<int>(), never = stray::MakeChan<int>();
  stray::WaitGroup both;
  both.Go([=] {
    if (waits) stray::AwaitParked(stray::WaitReason::kRuntimeSelect, nullptr);
    ++of_closer;
    channel.Close();
  });
  both.Go([=] {
    if (!waits) {
      while (stray::Select(stray::OnRecv(channel), stray::OnDefault()) != 0) stray::Yield();
    } else {
      stray::Select(stray::OnRecv(channel), stray::OnRecv(never));
    }
    ++of_closer;
  });
  both.Wait();
}

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    for (int i = 0; i < 12; ++i) Rendezvous(i % 2 == 0, i % 3 == 0);
    for (bool waits : {false, true}) {
      Buffered(waits);
      Closed(waits);
    }
  });
}
