// SPDX-License-Identifier: Apache-2.0
// back_pressure.cc: a queue with a limit: a producer that is too fast waits for the consumer.
//
// When: nothing may be lost, and the producer can be slowed down (it reads a file, or has a client that waits).
// Without the limit: the queue grows for as long as the producer is faster, until the memory is gone.
//
// prints: 1000 items, in order, never more than 8 in the queue
#include <stray/stray.h>

#include <cstdio>

int main() {
  return stray::Main([] {
    auto queue = stray::MakeChan<int>(8);
    stray::Go("producer", [queue] {
      for (int i = 0; i < 1000; ++i) queue.Send(i);  // waits here while there are 8
      queue.Close();
    });

    int items = 0;
    bool in_order = true, too_long = false;
    for (int item : queue) {
      in_order &= item == items++;
      too_long |= queue.Len() > queue.Cap();
    }
    std::printf("%d items, %s, %s than 8 in the queue\n", items, in_order ? "in order" : "out of order",
                too_long ? "more" : "never more");
  });
}
