// SPDX-License-Identifier: Apache-2.0
// trace_over_channel.cc: two goroutines write beside a channel that orders nothing between them: the receiver
// of one value writes what the sender of another one writes.
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
      values.Send(1);
      ++total;
    });
    all.Go([values] {
      values.Recv();
      ++total;  // want race.data x1: total is (read|written) by G\d+ at .* and (read|written) by G\d+ at
    });
    all.Wait();
  });
}
