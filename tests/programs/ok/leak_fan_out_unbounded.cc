// SPDX-License-Identifier: Apache-2.0
// leak_fan_out_unbounded.cc: no more than 8 at once, and all of them are waited for.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/errgroup.h>
#include <stray/go.h>

int main() {
  return stray::Main([] {
    stray::ErrGroup requests;
    requests.SetLimit(8);
    for (int i = 0; i < 500; ++i) requests.Go([] { stray::Yield(); });
    if (requests.Wait()) stray::Panic("no request fails");
  });
}
