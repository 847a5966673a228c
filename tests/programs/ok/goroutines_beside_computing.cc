// SPDX-License-Identifier: Apache-2.0
// goroutines_beside_computing.cc: all processors but one run goroutines that compute until another one has run,
// which is made runnable by each means there is. However those that compute have come to run, there is always
// somebody left to see the timer, the descriptor, or the goroutine that one of them has made runnable.
//
//   "computes", on all but one      "waits"                        a thread
//   wait by `start`                 wait by `finish`               ends `start`
//   wait for the gate               .                              when all compute, ends `finish`
//   without giving up processors    opens the gate
//
// link: runtime
// modes: gcc-O2
#include <stray/stray.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "tests/support/order.h"

using namespace std::chrono_literals;

enum class By { kGo, kTimer, kThread, kDescriptor, kCall };
constexpr By kAll[] = {By::kGo, By::kTimer, By::kThread, By::kDescriptor, By::kCall};
constexpr int kMostProcessors = 8, kRepeats = 3;

// Something to wait for, which a thread ends; for time, nobody has to.
class Event {
 public:
  explicit Event(By by) : by_(by) {
    if (pipe(pipe_) != 0 || stray::SetNonBlocking(pipe_[0])) abort();
  }
  ~Event() { close(pipe_[0]); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  void Await() {
    switch (by_) {
      case By::kGo:
        return;
      case By::kTimer:
        return stray::Sleep(200us);
      case By::kThread:
        closed_.Recv();
        return;
      case By::kDescriptor:
        stray::WaitReadable(pipe_[0]);
        return;
      case By::kCall:
        stray::BlockingCall([this] { GateAwait(&gate_); });
    }
  }
  void End() {
    closed_.Close();
    close(pipe_[1]);
    GateOpen(&gate_);
  }

 private:
  const By by_;
  stray::Chan<stray::Unit> closed_ = stray::MakeChan<stray::Unit>();
  int pipe_[2];
  Gate gate_ = {};
};

void RunBeside(int computing, By start_by, By finish_by) {
  Event start(start_by), finish(finish_by);
  Gate gate = {};
  std::atomic<int> begun{0};
  stray::WaitGroup all;
  if (finish_by != By::kGo) {
    all.Go("waits", [&] {
      do finish.Await();
      while (begun < computing);  // time may have come too early
      GateOpen(&gate);
    });
  }
  for (int i = 0; i < computing; ++i) {
    all.Go("computes", [&] {
      start.Await();
      if (++begun == computing && finish_by == By::kGo) stray::Go([&gate] { GateOpen(&gate); });
      GateAwait(&gate);
    });
  }
  std::thread outside([&] {
    start.End();
    while (begun < computing) OrderYield();
    finish.End();
  });
  all.Wait();
  outside.join();
}

int main() {
  return stray::Main([] {
    for (int processors = 2; processors <= kMostProcessors; ++processors) {
      stray::SetMaxProcs(processors);
      for (int i = 0; i < kRepeats; ++i) {
        for (const By start : kAll) {
          for (const By finish : kAll) RunBeside(processors - 1, start, finish);
        }
      }
    }
  });
}
