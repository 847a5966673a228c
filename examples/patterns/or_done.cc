// SPDX-License-Identifier: Apache-2.0
// or_done.cc: wraps a channel of somebody else, so that a plain range loop over it also ends on Done.
//
// When: the channel may never be closed, and the loop must stop with the context all the same.
// Without: the loop needs a select in its middle, and the first one that forgets it waits for ever.
//
// prints: saw 3 values of a channel that is never closed
#include <stray/stray.h>

#include <cstdio>
#include <optional>

template <typename T>
static stray::RecvChan<T> OrDone(const stray::Context& context, stray::RecvChan<T> in) {
  auto out = stray::MakeChan<T>();
  stray::Go("or done", [=] {
    for (bool goes_on = true; goes_on;) {
      std::optional<T> value;
      stray::Select(stray::OnRecv(in, [&](std::optional<T> got) { value = std::move(got); }),
                    stray::OnRecv(context.Done()));
      goes_on = value && stray::Select(stray::OnSend(out, *value), stray::OnRecv(context.Done())) == 0;
    }
    out.Close();
  });
  return out;
}

int main() {
  return stray::Main([] {
    auto [context, cancel] = stray::WithCancel(stray::Background());
    auto never_closed = stray::MakeChan<int>(3);
    for (int i = 0; i < 3; ++i) never_closed.Send(i);

    int seen = 0;
    for ([[maybe_unused]] int value : OrDone<int>(context, never_closed)) {
      if (++seen == 3) cancel();
    }
    std::printf("saw %d values of a channel that is never closed\n", seen);
  });
}
