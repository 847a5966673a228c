// SPDX-License-Identifier: Apache-2.0
// leak_select_all_nil.cc: a merge switches off each input that is closed, and does not see that none is left.
//
//   main                merge
//   Close a, Close b    Select: a, b      a = nil, b = nil
//   .                   Select: nil, nil  for ever
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>

#include <optional>

#include "tests/support/parked.h"

int main() {
  return stray::Main([] {
    auto first = stray::MakeChan<int>(), second = stray::MakeChan<int>();
    auto merged = stray::MakeChan<int>();
    stray::Go("merge", [=, a = first, b = second]() mutable {
      for (;;) {
        std::optional<int> got;
        // want leak.blocked x1: goroutine "merge" blocked \[select \(no cases\)\]
        stray::Select(stray::OnRecv(a, [&](std::optional<int> v) { (got = v) ? void() : void(a = {}); }),
                      stray::OnRecv(b, [&](std::optional<int> v) { (got = v) ? void() : void(b = {}); }));
        if (got) merged.Send(*got);
      }
    });
    first.Send(1);
    merged.Recv();
    first.Close();
    second.Close();
    stray::AwaitParked(stray::WaitReason::kSelectNoCases, nullptr);
  });
}
