// SPDX-License-Identifier: Apache-2.0
// leak_goroutine_labels.cc: each request is served under its label, and all that it starts ends with it.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/stray.h>

#include <string>

namespace {

void Serve(int request, const stray::Chan<int>& answers) {
  stray::WithLabels({{"request", std::to_string(request)}, {"user", "ann"}}, [&] {
    stray::WithLabels({{"user", "bob"}}, [&] { stray::Go("fetch", [answers] { answers.Send(1); }); });
  });
}

}  // namespace

int main() {
  return stray::Main([] {
    auto first = stray::MakeChan<int>(), second = stray::MakeChan<int>();
    Serve(1, first);
    Serve(2, second);
    first.Recv();
    second.Recv();
    stray::Go("idle", [] {});
    stray::WithLabels({{"left", "behind"}}, [] {});
    stray::Yield();
  });
}
