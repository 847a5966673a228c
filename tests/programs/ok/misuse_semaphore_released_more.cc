// SPDX-License-Identifier: Apache-2.0
// misuse_semaphore_released_more.cc: what was acquired is released in parts.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/semaphore.h>

static stray::Semaphore slots(4);

int main() {
  return stray::Main([] {
    slots.Acquire(3);
    slots.Release(1);
    slots.Release(2);
  });
}
