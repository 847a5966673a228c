// SPDX-License-Identifier: Apache-2.0
// race_order_go.cc: what comes before a go statement comes before the goroutine, and so before those that it
// starts, wherever they run.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/go.h>

long shared;

static void Pass(int left, const stray::Chan<int>& end) {
  ++shared;
  if (left == 0) return end.Close();
  stray::Go([left, end] {
    stray::Yield();
    Pass(left - 1, end);
  });
}

int main() {
  shared = 1;
  return stray::Main([] {
    stray::SetMaxProcs(3);
    const auto end = stray::MakeChan<int>();
    Pass(20, end);
    end.Recv();
    return shared == 22 ? 0 : 1;
  });
}
