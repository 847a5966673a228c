// SPDX-License-Identifier: Apache-2.0
// leak_after_func_pending.cc: main waits until the function has been called and the goroutine has what it waits
// for.
//
// link: runtime
// modes: gcc-O0 gcc-O2
#include <stray/stray.h>

#include <chrono>

int main() {
  return stray::Main([] {
    auto news = stray::MakeChan<int>();
    stray::WaitGroup done;
    done.Go([news] { news.Recv(); });
    auto timer = stray::AfterFunc(std::chrono::milliseconds(5), [news] { news.Send(1); });
    done.Wait();
  });
}
