// SPDX-License-Identifier: Apache-2.0
// leak_goroutine_creation_paths.cc: goroutines that start each other, deeper than the agent keeps ancestors,
// many times.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/stray.h>

namespace {

[[gnu::noinline]] void Deeper(int depth, stray::WaitGroup& done) {
  if (depth == 0) return done.Done();
  stray::Go([depth, &done] { Deeper(depth - 1, done); });
  asm volatile("");
}

}  // namespace

int main() {
  return stray::Main([] {
    stray::WaitGroup done;
    for (int i = 0; i < 100; ++i) {
      done.Add(1);
      Deeper(30, done);
    }
    done.Wait();
  });
}
