// SPDX-License-Identifier: Apache-2.0
// or_channel.cc: makes one channel out of many, closed as soon as the first of them is.
//
// When: several things can end the work (a signal, an error, the user), and how many is known only at run time;
// where it is known, a select does.
// Without `over`: the goroutines that wait for the other channels wait for ever once the first has come.
//
// prints: one of 4 ended it, and nobody waits for the other 3
#include <stray/stray.h>

#include <cstdio>
#include <memory>
#include <vector>

using Signal = stray::Chan<stray::Unit>;

static stray::RecvChan<stray::Unit> Or(const std::vector<Signal>& signals, stray::WaitGroup& waiters) {
  auto over = stray::MakeChan<stray::Unit>();
  auto once = std::make_shared<stray::Once>();
  for (const Signal& signal : signals) {
    waiters.Go("or", [=] {
      stray::Select(stray::OnRecv(signal), stray::OnRecv(over));
      once->Do([&over] { over.Close(); });
    });
  }
  return over;
}

int main() {
  return stray::Main([] {
    std::vector<Signal> signals(4);
    for (Signal& signal : signals) signal = stray::MakeChan<stray::Unit>();
    stray::WaitGroup waiters;
    auto any = Or(signals, waiters);
    signals[2].Close();
    any.Recv();
    waiters.Wait();
    std::printf("one of 4 ended it, and nobody waits for the other 3\n");
  });
}
