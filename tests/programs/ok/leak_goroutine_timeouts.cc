// SPDX-License-Identifier: Apache-2.0
// leak_goroutine_timeouts.cc: each wait ends before main does: stopped by a value, or by a timeout that is
// short.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/stray.h>

#include <chrono>

using namespace std::chrono_literals;

int main() {
  return stray::Main([] {
    stray::WaitGroup waits;
    waits.Go([] { stray::After(1ms).Recv(); });
    auto soon = stray::MakeChan<int>();
    waits.Go([soon] {
      stray::Select(stray::OnRecv(soon, [](std::optional<int>) {}),
                    stray::OnRecv(stray::After(1h), [](std::optional<stray::Time>) {}));
    });
    auto [context, cancel] = stray::WithTimeout(stray::Background(), 1h);
    waits.Go([context = context] { context.Done().Recv(); });
    soon.Send(1);
    cancel();
    waits.Wait();
  });
}
