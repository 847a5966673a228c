// SPDX-License-Identifier: Apache-2.0
// fan_out.cc: several goroutines read one channel, so each value goes to whoever is free.
//
// When: one stage of a pipeline is slower than the others, and its items do not depend on each other.
// Without the wait for all: who closes the results after its own last item makes the others panic at their
// send.
//
// prints: 100 items, sum of squares 328350
#include <stray/stray.h>

#include <cstdio>

int main() {
  return stray::Main([] {
    auto items = stray::MakeChan<int>();
    auto squares = stray::MakeChan<int>();
    stray::WaitGroup workers;
    for (int i = 0; i < 4; ++i) {
      workers.Go("worker", [=] {
        for (int item : items) squares.Send(item * item);
      });
    }
    stray::Go("feeder", [=] {
      for (int i = 0; i < 100; ++i) items.Send(i);
      items.Close();
    });
    stray::Go("closer", [&workers, squares] {
      workers.Wait();  // only now is there nobody left who sends
      squares.Close();
    });

    int count = 0, sum = 0;
    for (int square : squares) {
      ++count;
      sum += square;
    }
    std::printf("%d items, sum of squares %d\n", count, sum);
  });
}
