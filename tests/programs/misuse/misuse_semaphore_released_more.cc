// SPDX-License-Identifier: Apache-2.0
// misuse_semaphore_released_more.cc: more of a weighted semaphore is given back than anybody has.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// exit: 2
#include <stray/go.h>
#include <stray/semaphore.h>

static stray::Semaphore slots(4);

int main() {
  return stray::Main([] {
    slots.Acquire(2);
    slots.Release(3);  // want sync.misuse: posted beyond .*Semaphore::Release on semaphore slots
  });
}
