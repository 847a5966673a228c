// SPDX-License-Identifier: Apache-2.0
// misuse_wait_group_negative.cc: one Done for each Add.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/wait_group.h>

int main() {
  return stray::Main([] {
    stray::WaitGroup workers;
    workers.Add(2);
    workers.Done();
    workers.Done();
    workers.Wait();
  });
}
