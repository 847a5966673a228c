// SPDX-License-Identifier: Apache-2.0
// leak_goroutine_creation_paths.cc: one function starts goroutines for many callers, in turn, on stacks of
// several goroutines. Each of those left behind has the stack of its own creation, also where the agent knows
// most of it from the last time: other callers, other depths, frames of varying size.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <alloca.h>
#include <stray/stray.h>

#include <cstring>

#include "tests/support/parked.h"

namespace {

stray::Chan<int> never = stray::MakeChan<int>();

[[gnu::noinline]] void Spawn() {
  stray::Go([] { never.Recv(); });
  asm volatile("");
}

[[gnu::noinline]] void FromA() {
  Spawn();  // want leak.blocked x40: chan receive
  asm volatile("");
}

[[gnu::noinline]] void FromB(int size) {
  auto* memory = static_cast<char*>(alloca(static_cast<size_t>(size)));
  memset(memory, 1, static_cast<size_t>(size));
  asm volatile("" ::"r"(memory) : "memory");
  Spawn();  // want leak.blocked x40: chan receive
  asm volatile("" ::"r"(memory) : "memory");
}

[[gnu::noinline]] void FromC() {
  char memory[300];
  asm volatile("" ::"r"(memory) : "memory");
  Spawn();  // want leak.blocked x40: chan receive
  asm volatile("" ::"r"(memory) : "memory");
}

[[gnu::noinline]] void FromD() {
  Spawn();  // want leak.blocked x40: chan receive
  asm volatile("# another function than FromA");
}

[[gnu::noinline]] void All(int round) {
  FromA();
  FromB(16 + round * 48);
  FromC();
  FromD();
  asm volatile("");
}

}  // namespace

int main() {
  return stray::Main([] {
    stray::WaitGroup done;
    for (int user = 0; user < 4; ++user) {
      done.Go([] {
        for (int round = 0; round < 10; ++round) {
          All(round);
          stray::Yield();
        }
      });
    }
    done.Wait();
    stray::AwaitParked(stray::WaitReason::kChanReceive, never.get(), 160);
  });
}
