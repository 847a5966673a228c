// SPDX-License-Identifier: Apache-2.0
// leak_prove_channel.cc: the same, and everybody is told in the end.
//
// link: runtime
// flags: --prove --settle 2s
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

}  // namespace

int main() {
  return stray::Main([] {
    auto lost = stray::MakeChan<int>();
    stray::Go("lost", [lost] { lost.Recv(); });
    stray::AwaitParked(stray::WaitReason::kChanReceive, lost.get());
    auto kept = stray::MakeChan<int>();
    stray::Go("handed over", [kept] { kept.Recv(); });
    stray::AwaitParked(stray::WaitReason::kChanReceive, kept.get());
    int ends[2];
    if (pipe(ends) != 0) return;
    auto delivery = std::make_unique<Delivery>(Delivery{kept});
    std::thread keeper([delivery = std::move(delivery), input = ends[0]] {
      pthread_setname_np(pthread_self(), "keeper");
      char byte;
      if (read(input, &byte, 1) == 1) delivery->to.Send(1);
    });
    lost.Close();
    if (write(ends[1], "x", 1) != 1) perror("write");
    keeper.join();
  });
}
