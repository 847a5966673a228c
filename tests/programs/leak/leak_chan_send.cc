// SPDX-License-Identifier: Apache-2.0
// leak_chan_send.cc: workers send their results after the caller has stopped to listen.
//
//   main                          worker
//   Recv (the first result)       Send
//   return                        Send     parked: nobody receives any more
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan static-asan shared-asan
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>

int main() {
  return stray::Main([] {
    auto results = stray::MakeChan<int>();
    results.Named("results");
    for (int i = 0; i < 3; ++i) {
      stray::Go("worker", [results, i] {
        results.Send(i);  // want leak.blocked x2: wait in chan send on channel results
      });
    }
    results.Recv();
  });
}
