// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_5316.cc: the channel has room for the result.
//
// link: runtime
// modes: gcc-O2
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>
#include <stray/time.h>
#include <stray/wait_group.h>

#include <chrono>
#include <functional>

#include "tests/support/parked.h"

using namespace std::chrono_literals;

static stray::WaitGroup handlers;

// The result of `handle`, or -1.
static int FinishRequest(std::chrono::milliseconds timeout, std::function<int()> handle) {
  auto result = stray::MakeChan<int>(1);
  handlers.Go("handler", [handle, result] {
    const int answer = handle();
    result.Send(answer);
  });
  int answer = -1;
  stray::Select(stray::OnRecv(result, [&answer](std::optional<int> value) { answer = *value; }),
                stray::OnRecv(stray::After(timeout)));
  return answer;
}

int main() {
  return stray::Main([] {
    stray::Milestone given_up;
    FinishRequest(1ms, [&given_up] {
      given_up.Await();
      return 42;
    });
    given_up.Reach();
    handlers.Wait();
  });
}
