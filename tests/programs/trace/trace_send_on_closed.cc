// SPDX-License-Identifier: Apache-2.0
// trace_send_on_closed.cc: who takes the first answer closes the channel, while another one may still be on its
// way. In this run it had come already.
//
//   main            quick            slow
//   .               Send             .
//   .               .                Send
//   Recv            .                .
//   Close           .                .        in another order the slow one sends afterwards
//
// link: runtime-trace
#include <stray/channel.h>
#include <stray/go.h>

#include "tests/support/order.h"

static Gate quick_sent, slow_sent;

int main() {
  return stray::Main([] {
    auto answers = stray::MakeChan<int>(2);
    stray::Go("quick", [answers] {
      answers.Send(1);
      GateOpen(&quick_sent);
    });
    stray::Go("slow", [answers] {
      GateAwait(&quick_sent);
      // want channel.predicted x1: G\d+ "slow" sends on channel \w+ at .*, and main closes it at
      answers.Send(2);
      GateOpen(&slow_sent);
    });
    GateAwait(&slow_sent);
    answers.Recv();
    answers.Close();
  });
}
