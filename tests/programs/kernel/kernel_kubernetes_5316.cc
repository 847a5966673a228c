// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_5316.cc: a request times out and goes; the handler, which takes longer, sends its result to
// nobody. After a kernel of GoBench (CGO 2021).
//
//   main                        handler
//   Select: result, timeout     .
//   return                      .
//   .                           Send result      parked: no receiver can exist any more
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>
#include <stray/time.h>

#include <chrono>
#include <functional>

#include "tests/support/parked.h"

using namespace std::chrono_literals;

static stray::Chan<int> result;

// The result of `handle`, or -1.
static int FinishRequest(std::chrono::milliseconds timeout, std::function<int()> handle) {
  result = stray::MakeChan<int>();
  stray::Go("handler", [handle, to = result] {
    const int answer = handle();
    to.Send(answer);  // want leak.blocked x1: "handler" waits in chan send
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
    stray::AwaitParked(stray::WaitReason::kChanSend, result.get());
  });
}
