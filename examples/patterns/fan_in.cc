// SPDX-License-Identifier: Apache-2.0
// fan_in.cc: two channels become one; an input that is closed becomes the nil channel, which select never
// takes.
//
// When: values of the same kind come from several places, and one reader handles them all.
// Without the nil: a closed channel is always ready, and select spins on it instead of waiting for the other.
//
// prints: 3 from the left, 5 from the right
#include <stray/stray.h>

#include <cstdio>
#include <optional>

static stray::RecvChan<char> Repeat(char letter, int times) {
  auto out = stray::MakeChan<char>();
  stray::Go("repeat", [=] {
    for (int i = 0; i < times; ++i) out.Send(letter);
    out.Close();
  });
  return out;
}

static stray::RecvChan<char> Merge(stray::RecvChan<char> a, stray::RecvChan<char> b) {
  auto out = stray::MakeChan<char>();
  stray::Go("merge", [=]() mutable {
    const auto pass_on = [&out](stray::RecvChan<char>& in) {
      return stray::OnRecv(in, [&](std::optional<char> letter) {
        if (letter) {
          out.Send(*letter);
        } else {
          in = {};
        }
      });
    };
    while (a || b) stray::Select(pass_on(a), pass_on(b));
    out.Close();
  });
  return out;
}

int main() {
  return stray::Main([] {
    int left = 0, right = 0;
    for (char letter : Merge(Repeat('l', 3), Repeat('r', 5))) ++(letter == 'l' ? left : right);
    std::printf("%d from the left, %d from the right\n", left, right);
  });
}
