// SPDX-License-Identifier: Apache-2.0
// pipeline.cc: a program with goroutines, as people write it who have installed stray.
#include <stray/channel.h>
#include <stray/go.h>

#include <cstdio>

int main() {
  return stray::Main([] {
    auto numbers = stray::MakeChan<int>(), squares = stray::MakeChan<int>();
    stray::Go([numbers] {
      for (int i = 1; i <= 10; ++i) numbers.Send(i);
      numbers.Close();
    });
    stray::Go([numbers, squares] {
      for (int number : numbers) squares.Send(number * number);
      squares.Close();
    });
    int sum = 0;
    for (int square : squares) sum += square;
    std::printf("%d\n", sum);
  });
}
