// SPDX-License-Identifier: Apache-2.0
// tee.cc: every value of one channel goes to two.
//
// When: two readers need all of the values: one works on them, the other writes a log.
// Without the nil channels: sending first to the one and then to the other makes the second wait for the first,
// and two readers that wait for each other in the other order stop all three for ever.
//
// prints: left 55, right 55
#include <stray/stray.h>

#include <cstdio>
#include <utility>

static std::pair<stray::RecvChan<int>, stray::RecvChan<int>> Tee(stray::RecvChan<int> in) {
  auto left = stray::MakeChan<int>(), right = stray::MakeChan<int>();
  stray::Go("tee", [=] {
    for (int value : in) {
      // Each once, in the order in which they are ready: who has it is switched off.
      auto to_left = left, to_right = right;
      while (to_left || to_right) {
        stray::Select(stray::OnSend(to_left, value, [&] { to_left = {}; }),
                      stray::OnSend(to_right, value, [&] { to_right = {}; }));
      }
    }
    left.Close();
    right.Close();
  });
  return {left, right};
}

int main() {
  return stray::Main([] {
    auto numbers = stray::MakeChan<int>();
    auto [left, right] = Tee(numbers);
    int left_sum = 0, right_sum = 0;
    stray::WaitGroup readers;
    readers.Go("left", [&left_sum, left = left] {
      for (int number : left) left_sum += number;
    });
    readers.Go("right", [&right_sum, right = right] {
      for (int number : right) right_sum += number;
    });
    for (int i = 1; i <= 10; ++i) numbers.Send(i);
    numbers.Close();
    readers.Wait();
    std::printf("left %d, right %d\n", left_sum, right_sum);
  });
}
