// SPDX-License-Identifier: Apache-2.0
// kernel_moby_18412.cc: the output of a command that has timed out is read, while the command still writes it.
//
//   command                     main
//   .                           Select: timeout
//   .                           reads output, exit_code
//   writes both; Close          .
//
// GoBench (CGO 2021): moby_18412.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/stray.h>

#include <chrono>

#include "tests/support/order.h"

using namespace std::chrono_literals;

static Gate was_read, has_ended;

struct Result {
  long output = 0;  // bytes of it
  int exit_code = 0;
  bool timed_out = false;
};

class Command {
 public:
  void Start() {
    all_.Go("command", [this] {
      GateAwait(&was_read);
      // want race.data x1: written by G\d+ "command" at .* and read by .*main.* at
      result_.output = 100;
      // want race.data x1: written by G\d+ "command" at .* and read by .*main.* at
      result_.exit_code = 1;
      done_.Close();
      GateOpen(&has_ended);
    });
  }
  Result RunWithTimeout(std::chrono::milliseconds timeout) {
    Start();
    Result result;
    stray::Select(stray::OnRecv(done_),
                  stray::OnRecv(stray::After(timeout), [&](auto) { result.timed_out = true; }));
    result.output = result_.output;
    result.exit_code = result_.exit_code;
    return result;
  }
  ~Command() { all_.Wait(); }

 private:
  stray::WaitGroup all_;
  const stray::Chan<stray::Unit> done_ = stray::MakeChan<stray::Unit>();
  Result result_;
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    Command command;
    const Result result = command.RunWithTimeout(1ms);
    if (!result.timed_out) stray::Panic("not timed out");
    GateOpen(&was_read);
    GateAwait(&has_ended);  // who has ended may be forgotten
  });
}
