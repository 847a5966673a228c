// SPDX-License-Identifier: Apache-2.0
// misuse_close_nil.cc: a channel is closed that was never made.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// exit: 2
#include <stray/channel.h>
#include <stray/go.h>

int main() {
  return stray::Main([] {
    stray::Chan<int> results;
    results.Close();  // want channel.misuse x1: nil channel was closed .*Chan::Close
  });
}
