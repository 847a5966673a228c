// SPDX-License-Identifier: Apache-2.0
// leak_select_no_cases.cc: "keep running" as a select without cases: nothing can end it.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/go.h>
#include <stray/select.h>

#include "tests/support/parked.h"

int main() {
  return stray::Main([] {
    stray::Go("server", [] {
      // want leak.blocked x1: "server" waits in select \(no cases\)\. Nothing can ever end such a wait
      stray::Select();
    });
    stray::AwaitParked(stray::WaitReason::kSelectNoCases, nullptr);
  });
}
