// SPDX-License-Identifier: Apache-2.0
// pipeline.cc: stages that each read a channel, do one thing, and write another; each closes what it writes.
//
// When: work has steps that can overlap: while one item is printed, the next is computed, a third is read.
// Without Close at each stage: the range loop of the next one never ends, and so do all behind it.
//
// prints: 1 9 25 49 81
#include <stray/stray.h>

#include <cstdio>
#include <string>

static stray::RecvChan<int> Count(int end) {
  auto out = stray::MakeChan<int>();
  stray::Go("count", [=] {
    for (int i = 0; i < end; ++i) out.Send(i);
    out.Close();
  });
  return out;
}

static stray::RecvChan<int> KeepOdd(stray::RecvChan<int> in) {
  auto out = stray::MakeChan<int>();
  stray::Go("keep odd", [=] {
    for (int number : in) {
      if (number % 2 != 0) out.Send(number);
    }
    out.Close();
  });
  return out;
}

static stray::RecvChan<int> Square(stray::RecvChan<int> in) {
  auto out = stray::MakeChan<int>();
  stray::Go("square", [=] {
    for (int number : in) out.Send(number * number);
    out.Close();
  });
  return out;
}

int main() {
  return stray::Main([] {
    std::string line;
    for (int square : Square(KeepOdd(Count(10)))) line += (line.empty() ? "" : " ") + std::to_string(square);
    std::printf("%s\n", line.c_str());
  });
}
