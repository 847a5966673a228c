// SPDX-License-Identifier: Apache-2.0
// kernel_moby_4395.cc: a helper runs something in a goroutine and returns the channel of its result, which the
// caller drops. After a kernel of GoBench (CGO 2021).
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/error.h>
#include <stray/go.h>

#include <functional>

#include "tests/support/parked.h"

static stray::Milestone called;

static stray::Chan<stray::Error> Async(std::function<stray::Error()> function) {
  auto result = stray::MakeChan<stray::Error>();
  stray::Go("async", [function, result] {
    stray::Error error = function();
    called.Reach();
    result.Send(std::move(error));  // want leak.blocked x1: "async" waits in chan send
  });
  return result;
}

int main() {
  return stray::Main([] {
    Async([] { return stray::Error(); });
    called.Await();
  });
}
