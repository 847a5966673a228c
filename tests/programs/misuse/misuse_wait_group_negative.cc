// SPDX-License-Identifier: Apache-2.0
// misuse_wait_group_negative.cc: one Done too many.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// exit: 2
#include <stray/go.h>
#include <stray/wait_group.h>

int main() {
  return stray::Main([] {
    stray::WaitGroup workers;
    workers.Add(1);
    workers.Done();
    workers.Done();  // want wait-group.misuse: fell below zero .*WaitGroup::Add on wait group
  });
}
