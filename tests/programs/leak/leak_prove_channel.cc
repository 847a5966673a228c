// SPDX-License-Identifier: Apache-2.0
// leak_prove_channel.cc: tasks are left that could go on for ever, but not all of them can reach the channels
// that others wait for. One channel nobody has any more; the other lies in a block that a living thread has.
//
//   lost                    nobody has the other side
//   handed over   <------   block of the heap   <------   keeper, which waits for input
//
// link: runtime
// flags: --prove --settle 50ms
#include <pthread.h>
#include <stray/channel.h>
#include <stray/go.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <thread>

#include "tests/support/parked.h"

namespace {

struct Delivery {
  stray::Chan<int> to;
};

// Blocks until the end: nobody writes.
void AwaitInput(const char* name) {
  pthread_setname_np(pthread_self(), name);
  int ends[2];
  char byte;
  // want leak.alive x1: "keeper" .*read
  if (pipe(ends) == 0 && read(ends[0], &byte, 1) < 0) perror("read");
}

}  // namespace

int main() {
  return stray::Main([] {
    auto lost = stray::MakeChan<int>();
    stray::Go("lost", [lost] {
      lost.Recv();  // want leak.blocked x1: "lost" .*no task that is left can reach it any more
    });
    stray::AwaitParked(stray::WaitReason::kChanReceive, lost.get());
    auto kept = stray::MakeChan<int>();
    stray::Go("handed over", [kept] {
      kept.Recv();  // want leak.alive x1: "handed over" .*"keeper", still alive as well, can still reach it
    });
    stray::AwaitParked(stray::WaitReason::kChanReceive, kept.get());
    auto delivery = std::make_unique<Delivery>(Delivery{kept});
    std::thread([delivery = std::move(delivery)] {
      AwaitInput("keeper");
      delivery->to.Send(1);
    }).detach();
  });
}
