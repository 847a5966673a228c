// SPDX-License-Identifier: Apache-2.0
// kernel_moby_18412.cc: a command that has timed out is killed, and has ended before its output is read.
//
// GoBench (CGO 2021): moby_18412.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/stray.h>

#include <chrono>

#include "tests/support/order.h"

using namespace std::chrono_literals;

static Gate was_killed;

struct Result {
  long output = 0;  // bytes of it
  int exit_code = 0;
  bool timed_out = false;
};

class Command {
 public:
  void Start() {
    all_.Go("command", [this] {
      GateAwait(&was_killed);
      result_.output = 100;
      result_.exit_code = 1;
      done_.Close();
    });
  }
  Result RunWithTimeout(std::chrono::milliseconds timeout) {
    Start();
    Result result;
    stray::Select(stray::OnRecv(done_),
                  stray::OnRecv(stray::After(timeout), [&](auto) { result.timed_out = true; }));
    if (result.timed_out) Kill();
    done_.Recv();
    result.output = result_.output;
    result.exit_code = result_.exit_code;
    return result;
  }
  void Kill() { GateOpen(&was_killed); }
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
  });
}
