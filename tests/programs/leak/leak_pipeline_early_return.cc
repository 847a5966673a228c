// SPDX-License-Identifier: Apache-2.0
// leak_pipeline_early_return.cc: the consumer has seen enough and returns; each stage before it waits for ever.
//
//   numbers       square       main
//   Send 0, 1     Send 0       Recv one, return
//   Send 2, ...   Send 1       .
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>

#include "tests/support/parked.h"

static stray::RecvChan<int> Numbers() {
  auto out = stray::MakeChan<int>();
  stray::Go("numbers", [out] {
    for (int i = 0; i < 100; ++i)
      out.Send(i);  // want leak.blocked x3: goroutine "numbers" blocked \[chan send\]
    out.Close();
  });
  return out;
}

static stray::RecvChan<int> Square(stray::RecvChan<int> in) {
  auto out = stray::MakeChan<int>();
  stray::Go("square", [in, out] {
    for (int number : in)
      out.Send(number * number);  // want leak.blocked x3: goroutine "square" blocked \[chan send\]
    out.Close();
  });
  return out;
}

static void TakeOne() {
  auto numbers = Numbers();
  auto squares = Square(numbers);
  squares.Recv();
  stray::AwaitParked(stray::WaitReason::kChanSend, numbers.get());
  stray::AwaitParked(stray::WaitReason::kChanSend, squares.get());
}

int main() {
  return stray::Main([] {
    for (int i = 0; i < 3; ++i) TakeOne();
  });
}
