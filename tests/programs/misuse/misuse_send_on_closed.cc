// SPDX-License-Identifier: Apache-2.0
// misuse_send_on_closed.cc: a channel is closed by who receives, while others still send.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// exit: 2
#include <stray/channel.h>
#include <stray/go.h>

int main() {
  return stray::Main([] {
    auto results = stray::MakeChan<int>(1);
    results.Close();
    results.Send(1);  // want channel.misuse: sent on a closed channel .*Chan::Send
  });
}
