// SPDX-License-Identifier: Apache-2.0
// leak_chan_send.cc: the channel has room for every result, so nobody has to listen.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan static-asan shared-asan
#include <stray/channel.h>
#include <stray/go.h>

int main() {
  return stray::Main([] {
    auto results = stray::MakeChan<int>(3);
    results.Named("results");
    for (int i = 0; i < 3; ++i) {
      stray::Go("worker", [results, i] { results.Send(i); });
    }
    results.Recv();
  });
}
