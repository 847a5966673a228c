// SPDX-License-Identifier: Apache-2.0
// result_channel.cc: a function starts the work and returns the channel on which its result will come.
//
// When: the caller has something else to do until it needs the result; other languages call this a future.
// Without capacity 1: a caller that loses interest leaves the worker at its send for ever. With it, the result
// fits into the channel, and the worker ends, whether anybody listens or not.
//
// prints: 6 * 7 = 42
#include <stray/stray.h>

#include <cstdio>

static stray::RecvChan<int> Multiply(int a, int b) {
  auto result = stray::MakeChan<int>(1);
  stray::Go("multiply", [=] { result.Send(a * b); });
  return result;
}

int main() {
  return stray::Main([] {
    stray::RecvChan<int> product = Multiply(6, 7);
    Multiply(1, 1);  // nobody asks for this one, and it ends all the same
    std::printf("6 * 7 = %d\n", *product.Recv());
  });
}
