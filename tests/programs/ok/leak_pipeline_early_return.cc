// SPDX-License-Identifier: Apache-2.0
// leak_pipeline_early_return.cc: every stage stops when the consumer closes `stop`, and is waited for.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>
#include <stray/wait_group.h>

using Stop = stray::RecvChan<stray::Unit>;

static bool SendOrStop(const stray::Chan<int>& out, int value, const Stop& stop) {
  return stray::Select(stray::OnSend(out, value), stray::OnRecv(stop)) == 0;
}

static void TakeOne() {
  auto stop = stray::MakeChan<stray::Unit>();
  auto numbers = stray::MakeChan<int>(), squares = stray::MakeChan<int>();
  stray::WaitGroup stages;
  stages.Go("numbers", [=] {
    for (int i = 0; i < 100 && SendOrStop(numbers, i, stop); ++i) {
    }
    numbers.Close();
  });
  stages.Go("square", [=] {
    for (int number : numbers) {
      if (!SendOrStop(squares, number * number, stop)) break;
    }
    squares.Close();
  });
  squares.Recv();
  stop.Close();
  stages.Wait();
}

int main() {
  return stray::Main([] {
    for (int i = 0; i < 3; ++i) TakeOne();
  });
}
