// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/walk_memory.h"

#include <sys/mman.h>

#include <cstring>
#include <string>

#include "agent/recorder/thread.h"
#include "gtest/gtest.h"

namespace stray::agent {
constinit __attribute__((tls_model("initial-exec"), visibility("hidden"))) thread_local ThreadLocal tls = {};
}  // namespace stray::agent

extern "C" __attribute__((visibility("hidden"))) int stray_unwind_read_word(uint64_t address, uint64_t* word);

namespace stray::agent {
namespace {

constexpr size_t kPage = 4096;
constexpr char kRegisters[1024] = {};

// Some pages side by side, each filled with its own byte.
class Pages {
 public:
  explicit Pages(int count) : size_(static_cast<size_t>(count) * kPage) {
    void* memory = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memory_ = static_cast<char*>(memory);
    for (int i = 0; i < count; ++i) Fill(i, static_cast<char>('a' + i));
    tls.window = {};  // may be of pages that were here before: no thread changes its stack under its feet
  }
  ~Pages() { munmap(memory_, size_); }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  void Fill(int page, char byte) { memset(memory_ + static_cast<size_t>(page) * kPage, byte, kPage); }
  void Forbid(int page) { mprotect(memory_ + static_cast<size_t>(page) * kPage, kPage, PROT_NONE); }
  uint64_t At(int page, int offset = 0) const {
    return reinterpret_cast<uint64_t>(memory_) + static_cast<uint64_t>(page) * kPage +
           static_cast<uint64_t>(offset);
  }

 private:
  size_t size_;
  char* memory_;
};

// The word at `address` as a walk sees it, as text; "" if it cannot be read.
std::string Read(uint64_t address) {
  uint64_t word = 0;
  if (stray_unwind_read_word(address, &word) != 0) return "";
  return std::string(reinterpret_cast<const char*>(&word), sizeof(word));
}

TEST(WalkMemory, ReadsTheOwnStackInPlace) {
  const Pages pages(3);
  WalkMemory::BeginOwn(pages.At(0, 512), kRegisters);
  EXPECT_EQ(Read(pages.At(0, 512)), "aaaaaaaa");
  EXPECT_EQ(Read(pages.At(2, 0)), "cccccccc");
  EXPECT_EQ(Read(pages.At(1, -4)), "aaaabbbb");
}

TEST(WalkMemory, EndsAtThePageThatIsNotThere) {
  Pages pages(2);
  pages.Forbid(1);
  for (const bool own : {true, false}) {
    if (own) WalkMemory::BeginOwn(pages.At(0, 16), kRegisters);
    if (!own) WalkMemory::BeginOther(pages.At(0, 16), kRegisters);
    EXPECT_EQ(Read(pages.At(1, -8)), "aaaaaaaa");
    EXPECT_EQ(Read(pages.At(1, -7)), "") << "a word across the end";
    EXPECT_EQ(Read(pages.At(1)), "");
    EXPECT_EQ(Read(pages.At(0, 15)), "aaaaaaaa") << "below where the walk begins";
  }
}

TEST(WalkMemory, TrustsNoPageTwice) {
  Pages pages(26);
  WalkMemory::BeginOwn(pages.At(0), kRegisters);
  EXPECT_EQ(Read(pages.At(25)), "zzzzzzzz") << "too far to be of the same stack";
  pages.Forbid(25);
  EXPECT_EQ(Read(pages.At(25)), "");
}

TEST(WalkMemory, KeepsWhatItHasCopiedOfAnotherStack) {
  Pages pages(8);
  WalkMemory::BeginOther(pages.At(0, 64), kRegisters);
  EXPECT_EQ(Read(pages.At(1)), "bbbbbbbb");
  pages.Fill(1, 'x');
  pages.Forbid(0);
  EXPECT_EQ(Read(pages.At(1, 8)), "bbbbbbbb");
  EXPECT_EQ(Read(pages.At(0, 64)), "aaaaaaaa");
  EXPECT_EQ(Read(pages.At(7)), "hhhhhhhh") << "further than the copy holds";
  WalkMemory::BeginOther(pages.At(1), kRegisters);
  EXPECT_EQ(Read(pages.At(1)), "xxxxxxxx") << "a new walk, a new copy";
}

TEST(WalkMemory, KeepsTheWindowWhileTheThreadStaysOnItsStack) {
  Pages pages(2);
  WalkMemory::BeginOwn(pages.At(0, 64), kRegisters);
  EXPECT_EQ(Read(pages.At(1)), "bbbbbbbb");
  const StackWindow before = tls.window;
  WalkMemory::BeginOwn(pages.At(0, 128), kRegisters);
  EXPECT_EQ(tls.window.high, before.high);
  const Pages other(1);
  WalkMemory::BeginOwn(other.At(0, 64), kRegisters);
  EXPECT_EQ(Read(other.At(0, 64)), "aaaaaaaa");
  EXPECT_EQ(tls.window.high, other.At(1));
}

TEST(WalkMemory, ReadsNothingAtTheEndsOfTheAddressSpace) {
  WalkMemory::BeginOwn(~uint64_t{0} - 64, kRegisters);
  EXPECT_EQ(Read(~uint64_t{0}), "");
  EXPECT_EQ(Read(~uint64_t{0} - 7), "");
  WalkMemory::BeginOther(0, kRegisters);
  EXPECT_EQ(Read(0), "");
  EXPECT_EQ(Read(8), "");
}

}  // namespace
}  // namespace stray::agent
