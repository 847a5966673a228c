// SPDX-License-Identifier: Apache-2.0
// generator.cc: a goroutine makes values one by one, as fast as they are taken; a range loop reads them.
//
// When: a sequence is long or has no end, or making the next value is work that may run beside using this one.
// Without `stop`: a reader that leaves its loop early leaves the generator at its send for ever.
//
// prints: 0 1 1 2 3 5 8 13 21 34
#include <stray/stray.h>

#include <cstdio>

static stray::RecvChan<int> Fibonacci(stray::RecvChan<stray::Unit> stop) {
  auto out = stray::MakeChan<int>();
  stray::Go("fibonacci", [=] {
    int a = 0, b = 1;
    while (stray::Select(stray::OnSend(out, a), stray::OnRecv(stop)) == 0) {
      const int next = a + b;
      a = b;
      b = next;
    }
    out.Close();
  });
  return out;
}

int main() {
  return stray::Main([] {
    auto stop = stray::MakeChan<stray::Unit>();
    auto numbers = Fibonacci(stop);
    for (int number : numbers) {
      std::printf("%d%s", number, number < 34 ? " " : "\n");
      if (number >= 34) break;
    }
    stop.Close();
    while (numbers.Recv()) {  // until it has closed its channel
    }
  });
}
