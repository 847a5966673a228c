// SPDX-License-Identifier: Apache-2.0
// trace_leak_with_partner.cc: two wait for one value: which of them is left behind is chance. A third one
// begins to wait when the value has been taken in any order, a fourth one for what nobody ever sends.
//
// link: runtime-trace
#include <stray/channel.h>
#include <stray/go.h>

#include "tests/support/order.h"

static Gate received;

int main() {
  return stray::Main([] {
    auto values = stray::MakeChan<int>();
    auto taken = stray::MakeChan<int>();
    auto nothing = stray::MakeChan<int>();
    stray::Go("first", [values, taken] {
      values.Recv();
      taken.Close();
      GateOpen(&received);
    });
    stray::Go("second", [values] {
      GateAwait(&received);
      // want leak.blocked x1: "second" waits in chan receive .*could have met main, which sends on
      values.Recv();
    });
    values.Send(1);
    taken.Recv();
    stray::Go("third", [values] {
      // want leak.blocked x1: "third" waits in chan receive .*No order of the same events lets it meet
      values.Recv();
    });
    stray::Go("fourth", [nothing] {
      // want leak.blocked x1: "fourth" waits in chan receive .*Nobody has sent on it so far\. gor
      nothing.Recv();
    });
  });
}
