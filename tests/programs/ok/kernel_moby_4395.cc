// SPDX-License-Identifier: Apache-2.0
// kernel_moby_4395.cc: there is room for the result, whoever wants it.
//
// link: runtime
// modes: gcc-O2
#include <stray/channel.h>
#include <stray/error.h>
#include <stray/go.h>

#include <functional>

#include "tests/support/parked.h"

static stray::Milestone called;

static stray::Chan<stray::Error> Async(std::function<stray::Error()> function) {
  auto result = stray::MakeChan<stray::Error>(1);
  stray::Go("async", [function, result] {
    stray::Error error = function();
    called.Reach();
    result.Send(std::move(error));
  });
  return result;
}

int main() {
  return stray::Main([] {
    Async([] { return stray::Error(); });
    called.Await();
  });
}
