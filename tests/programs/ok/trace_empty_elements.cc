// SPDX-License-Identifier: Apache-2.0
// trace_empty_elements.cc: a channel of empty elements with room for one, as a mutex.
//
// link: runtime-trace
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/wait_group.h>

struct Token {};
int total;

int main() {
  return stray::Main([] {
    auto tokens = stray::MakeChan<Token>(1);
    stray::WaitGroup all;
    for (int i = 0; i < 2; ++i) {
      all.Go([tokens] {
        tokens.Send({});
        ++total;
        tokens.Recv();
      });
    }
    all.Wait();
  });
}
