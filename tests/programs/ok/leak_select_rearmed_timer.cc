// SPDX-License-Identifier: Apache-2.0
// leak_select_rearmed_timer.cc: it has a third way, which ends it.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --prove
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>
#include <stray/time.h>
#include <stray/wait_group.h>

#include <chrono>

int main() {
  return stray::Main([] {
    auto stop = stray::MakeChan<stray::Unit>();
    auto dead = stray::MakeChan<int>();
    stray::WaitGroup pollers;
    pollers.Go([dead, stop] {
      for (bool is_over = false; !is_over;) {
        const stray::RecvChan<stray::Time> timeout = stray::After(std::chrono::microseconds(1));
        stray::Select(stray::OnRecv(dead), stray::OnRecv(timeout),
                      stray::OnRecv(stop, [&](auto) { is_over = true; }));
      }
    });
    stop.Close();
    pollers.Wait();
  });
}
