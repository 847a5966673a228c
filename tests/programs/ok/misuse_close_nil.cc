// SPDX-License-Identifier: Apache-2.0
// misuse_close_nil.cc: a channel that may not have been made is asked first.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/go.h>

static void Finish(const stray::Chan<int>& results) {
  if (results) results.Close();
}

int main() {
  return stray::Main([] {
    Finish(stray::Chan<int>());
    Finish(stray::MakeChan<int>());
  });
}
