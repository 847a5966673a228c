// SPDX-License-Identifier: Apache-2.0
// race_order_once.cc: the end of the function comes before the return of each Do: of who waits for it, and of
// who comes later. So with OnceFunc and OnceValue.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/once.h>

#include <string>

#include "tests/support/in_turn.h"
#include "tests/support/parked.h"

long shared;
static stray::Once once;
static Gate began;

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    stray::WaitGroup all;
    all.Go([] {
      once.Do([] {
        GateOpen(&began);
        stray::AwaitParked(stray::WaitReason::kSyncOnceDo, &once);
        shared = 1;
      });
    });
    all.Go([] {
      GateAwait(&began);
      once.Do([] { shared = 2; });
      if (shared != 1) stray::Panic("done twice");
    });
    all.Wait();
    const auto value =
        stray::OnceValue([] { return std::string("a text that is too long to be stored in place"); });
    long calls = 0;
    const auto function = stray::OnceFunc([&calls] { ++calls; });
    const auto call = [=, &calls] {
      function();
      if (calls != 1 || value().size() != 45) stray::Panic("another text");
      once.Do([] { shared = 2; });
    };
    InTurn(call, call);
    return shared == 1 ? 0 : 1;
  });
}
