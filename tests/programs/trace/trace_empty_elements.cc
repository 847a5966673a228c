// SPDX-License-Identifier: Apache-2.0
// trace_empty_elements.cc: a channel of empty elements with room for two, as a semaphore: two goroutines are in
// at once, and elements without size order no more than others.
//
// link: runtime-trace
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/wait_group.h>

struct Token {};
int total;

int main() {
  return stray::Main([] {
    auto tokens = stray::MakeChan<Token>(2);
    stray::WaitGroup all;
    for (int i = 0; i < 2; ++i) {
      all.Go([tokens] {
        tokens.Send({});
        ++total;  // want race.data x1: total is (read|written) by G\d+ at .* and (read|written) by G\d+ at
        tokens.Recv();
      });
    }
    all.Wait();
  });
}
