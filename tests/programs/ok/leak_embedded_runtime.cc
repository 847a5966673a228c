// SPDX-License-Identifier: Apache-2.0
// leak_embedded_runtime.cc: the channel is closed, and all goroutines end before the runtime does. Twice, and
// with a thread of the program's own beside it.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/stray.h>

#include <chrono>
#include <thread>

namespace {

size_t UseGoroutines() {
  stray::Runtime runtime({.max_procs = 2});
  std::thread beside([&] { runtime.Run([] { stray::Yield(); }); });
  runtime.Run([] {
    const auto values = stray::MakeChan<int>();
    stray::Go("worker", [values] { values.Recv(); });
    values.Close();
  });
  beside.join();
  return runtime.Shutdown(std::chrono::seconds(60));
}

}  // namespace

int main() { return UseGoroutines() + UseGoroutines() == 0 ? 0 : 1; }
