// SPDX-License-Identifier: Apache-2.0
// race_order_context.cc: a cancel comes before all that shows it: a receive from Done, of who waits and of who
// comes later, Err, Cause, and the functions of AfterFunc, which also come after who has set them; of the
// context itself, and of those below it.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/context.h>

#include "tests/support/in_turn.h"
#include "tests/support/parked.h"

long received, waited_for, seen, below, called;

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    const auto [context, cancel] = stray::WithCancelCause(stray::Background());
    const auto [child, cancel_child] = stray::WithCancel(stray::WithValue(context, "key", 1));
    const auto unasked = stray::WithCancel(context);
    stray::WaitGroup all;
    all.Go([&] {
      context.Done().Recv();
      waited_for = 2;
      child.Done().Recv();
      below = 2;
    });
    stray::AwaitParked(stray::WaitReason::kChanReceive, context.Done().get());
    // Set by a goroutine that has nothing to do with who cancels.
    Gate is_set = {};
    all.Add(1);
    stray::Go([&] {
      const std::string text = "a text that is too long to be stored in place";
      stray::AfterFunc(child, [&called_by = all, text] {
        called = text.size();
        called_by.Done();
      });
      GateOpen(&is_set);
    });
    GateAwait(&is_set);
    InTurn(
        [&] {
          received = waited_for = 1;
          seen = below = 1;
          called = 1;
          cancel(stray::Error("a text that is too long to be stored in place"));
        },
        [&] {
          while (!unasked.context.Err()) stray::Yield();
          seen = stray::Cause(child).Text().size();
          unasked.context.Done().Recv();
          received = 2;
        });
    all.Wait();
    return called == 45 && seen == 45 ? 0 : 1;
  });
}
