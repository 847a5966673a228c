// SPDX-License-Identifier: Apache-2.0
// timeout_select.cc: waits for a result, but only for so long.
//
// When: a late answer is worth nothing, and there is no context that says until when.
// Without capacity 1 in the result: a worker that is too late waits at its send for ever.
//
// prints: fast: 42
// prints: slow: timed out
#include <stray/stray.h>

#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;

// `begin` says when the work may begin: an answer cannot come before.
static stray::RecvChan<int> Ask(stray::RecvChan<stray::Unit> begin) {
  auto answer = stray::MakeChan<int>(1);
  stray::Go("worker", [=] {
    begin.Recv();
    answer.Send(42);
  });
  return answer;
}

static void Print(const char* name, stray::RecvChan<int> answer, std::chrono::milliseconds limit) {
  stray::Select(stray::OnRecv(answer, [&](auto number) { std::printf("%s: %d\n", name, *number); }),
                stray::OnRecv(stray::After(limit), [&](auto) { std::printf("%s: timed out\n", name); }));
}

int main() {
  return stray::Main([] {
    auto at_once = stray::MakeChan<stray::Unit>();
    at_once.Close();
    Print("fast", Ask(at_once), 10000ms);

    auto later = stray::MakeChan<stray::Unit>();
    auto late_answer = Ask(later);
    Print("slow", late_answer, 5ms);
    later.Close();
    late_answer.Recv();  // it is there, whether anybody wants it or not
  });
}
