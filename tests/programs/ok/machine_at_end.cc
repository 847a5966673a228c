// SPDX-License-Identifier: Apache-2.0
// machine_at_end.cc: a thread that is to run goroutines has been made, but has not begun when the program ends.
// It is not the program's, so it is no thread left behind.
//
// link: runtime
// modes: gcc-O2
// flags: --settle 0ms
#include <sched.h>
#include <stray/go.h>

int main() {
  // On one processor the new thread has to wait until this one sleeps or ends.
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  sched_setaffinity(0, sizeof(one), &one);
  return stray::Main([] { stray::SetMaxProcs(2); });
}
