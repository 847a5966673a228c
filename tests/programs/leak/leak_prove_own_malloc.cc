// SPDX-License-Identifier: Apache-2.0
// leak_prove_own_malloc.cc: the program brings an allocator of its own, in whose memory nobody can tell blocks
// from the rest: nothing is proved by what tasks can reach, and that is said.
//
// link: runtime
// flags: --prove --settle 50ms
// note: --prove: .* malloc of its own
// twin: leak_prove_channel.cc
#include <fcntl.h>
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/io.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

#include "tests/support/parked.h"

// Never gives anything back.
static std::byte memory[64 << 20];
static size_t used = 0;

static void* Take(size_t alignment, size_t bytes) {
  const size_t room = bytes + 16 + alignment;
  const size_t at = __atomic_fetch_add(&used, room / 16 * 16 + 16, __ATOMIC_RELAXED);
  if (at + room + 16 > sizeof(memory)) return nullptr;
  const auto start = reinterpret_cast<uintptr_t>(memory + at + 16);
  auto* block = reinterpret_cast<std::byte*>((start + alignment - 1) / alignment * alignment);
  std::memcpy(block - sizeof(size_t), &bytes, sizeof(bytes));
  return block;
}

extern "C" void* malloc(size_t bytes) { return Take(16, bytes); }
extern "C" void free(void*) {}
extern "C" void* calloc(size_t count, size_t bytes) { return Take(16, count * bytes); }
extern "C" void* memalign(size_t alignment, size_t bytes) {
  return Take(alignment < 16 ? 16 : alignment, bytes);
}
extern "C" void* aligned_alloc(size_t alignment, size_t bytes) { return memalign(alignment, bytes); }
extern "C" int posix_memalign(void** block, size_t alignment, size_t bytes) {
  *block = memalign(alignment, bytes);
  return *block == nullptr;
}
extern "C" void* realloc(void* block, size_t bytes) {
  void* moved = Take(16, bytes);
  size_t old = 0;
  if (block != nullptr) std::memcpy(&old, static_cast<std::byte*>(block) - sizeof(size_t), sizeof(old));
  if (moved != nullptr && block != nullptr) std::memcpy(moved, block, old < bytes ? old : bytes);
  return moved;
}

int main() {
  return stray::Main([] {
    auto lost = stray::MakeChan<int>();
    stray::Go("receiver", [lost] {
      lost.Recv();  // want leak.alive x1: "receiver" .*could have woken it
    });
    stray::AwaitParked(stray::WaitReason::kChanReceive, lost.get());
    stray::Go("keeper", [] {
      int ends[2];
      if (pipe2(ends, O_NONBLOCK) != 0) return;
      // want leak.alive x1: "keeper" .*IO wait
      if (!stray::WaitReadable(ends[0])) return;
    });
  });
}
