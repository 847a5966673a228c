// SPDX-License-Identifier: Apache-2.0
// leak_goroutine_select_peers.cc: the worker is told to quit, and waited for.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/stray.h>

int main() {
  return stray::Main([] {
    auto jobs = stray::MakeChan<int>();
    auto quit = stray::MakeChan<stray::Unit>();
    stray::WaitGroup all;
    all.Go("worker", [=] {
      bool is_over = false;
      while (!is_over) {
        stray::Select(stray::OnRecv(jobs, [](std::optional<int>) {}),
                      stray::OnRecv(quit, [&](std::optional<stray::Unit>) { is_over = true; }));
      }
    });
    for (int i = 0; i < 3; ++i) jobs.Send(i);
    quit.Close();
    all.Wait();
  });
}
