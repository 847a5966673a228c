// SPDX-License-Identifier: Apache-2.0
// misuse_send_on_closed.cc: who sends closes, when it has sent all; what is in the buffer can still be
// received.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/go.h>

#include <cstdio>

int main() {
  return stray::Main([] {
    auto results = stray::MakeChan<int>(1);
    results.Send(1);
    results.Close();
    for (int result : results) std::printf("%d\n", result);
  });
}
