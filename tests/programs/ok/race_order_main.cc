// SPDX-License-Identifier: Apache-2.0
// race_order_main.cc: what main did comes before stray::Main, and what the main goroutine did before its
// return.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/go.h>

long shared;

int main() {
  shared = 1;
  stray::SetMaxProcs(2);
  const int status = stray::Main([] {
    for (int i = 0; i < 10; ++i) {
      ++shared;
      stray::BlockingCall([] { ++shared; });
      stray::Yield();
    }
    return 0;
  });
  return ++shared == 22 ? status : 1;
}
