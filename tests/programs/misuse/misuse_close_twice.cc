// SPDX-License-Identifier: Apache-2.0
// misuse_close_twice.cc: both of two senders close the channel.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// exit: 2
#include <stray/channel.h>
#include <stray/go.h>

int main() {
  return stray::Main([] {
    auto results = stray::MakeChan<int>(2);
    results.Close();
    results.Close();  // want channel.misuse: closed channel was closed again .*Chan::Close
  });
}
