// SPDX-License-Identifier: Apache-2.0
// trace_over_channel.cc: what is written before a send is seen by who receives.
//
// link: runtime-trace
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/wait_group.h>

int total;

int main() {
  return stray::Main([] {
    auto values = stray::MakeChan<int>(2);
    stray::WaitGroup all;
    all.Go([values] {
      ++total;
      values.Send(1);
    });
    all.Go([values] {
      values.Recv();
      ++total;
    });
    all.Wait();
  });
}
