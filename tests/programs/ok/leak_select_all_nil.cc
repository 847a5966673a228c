// SPDX-License-Identifier: Apache-2.0
// leak_select_all_nil.cc: the merge ends when its last input has been switched off.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>

#include <optional>

int main() {
  return stray::Main([] {
    auto first = stray::MakeChan<int>(), second = stray::MakeChan<int>();
    auto merged = stray::MakeChan<int>();
    stray::Go("merge", [=, a = first, b = second]() mutable {
      while (a || b) {
        std::optional<int> got;
        stray::Select(stray::OnRecv(a, [&](std::optional<int> v) { (got = v) ? void() : void(a = {}); }),
                      stray::OnRecv(b, [&](std::optional<int> v) { (got = v) ? void() : void(b = {}); }));
        if (got) merged.Send(*got);
      }
      merged.Close();
    });
    first.Send(1);
    merged.Recv();
    first.Close();
    second.Close();
    merged.Recv();
  });
}
