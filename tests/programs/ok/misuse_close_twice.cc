// SPDX-License-Identifier: Apache-2.0
// misuse_close_twice.cc: one task waits for all senders, and closes.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/wait_group.h>

int main() {
  return stray::Main([] {
    auto results = stray::MakeChan<int>(2);
    stray::WaitGroup senders;
    for (int i = 0; i < 2; ++i) senders.Go([results, i] { results.Send(i); });
    senders.Wait();
    results.Close();
    for (int result : results) static_cast<void>(result);
  });
}
