// SPDX-License-Identifier: Apache-2.0
// race_order_errors.cc: goroutines read the texts of errors that are there once for all, and of one that lives
// longer than its context.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/context.h>

#include <string>

#include "tests/support/in_turn.h"

static stray::Error kept;

int main() {
  return stray::Main([] {
    const auto read = [] {
      if (std::string(stray::ErrCanceled().Text()) == std::string(stray::ErrDeadlineExceeded().Text()))
        stray::Panic("");
    };
    InTurn(read, read);
    auto cancelled = stray::WithCancelCause(stray::Background());
    Gate has_error = {}, dropped = {};
    stray::WaitGroup both;
    both.Go([context = cancelled.context, &has_error, &dropped]() mutable {
      context.Done().Recv();
      {
        stray::Error error = stray::Cause(context);
        context = {};
        if (std::string(error.Text()).size() != 45) stray::Panic("another text");
      }
      GateOpen(&has_error);
      GateAwait(&dropped);
    });
    both.Go([cancelled = std::move(cancelled), &has_error, &dropped]() mutable {
      cancelled.cancel(stray::Error("a text that is too long to be stored in place"));
      GateAwait(&has_error);
      cancelled = {};
      GateOpen(&dropped);
    });
    both.Wait();
  });
}
