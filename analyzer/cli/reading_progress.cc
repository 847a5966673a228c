// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/reading_progress.h"

#include <unistd.h>

#include <cstdio>

namespace stray::analyzer {
namespace {

constexpr std::chrono::milliseconds kFirst{1000};
constexpr std::chrono::milliseconds kAgain{200};
constexpr uint64_t kMegabyte = 1'000'000;

}  // namespace

ReadingProgress::ReadingProgress(const std::string& path)
    : path_(path), on_terminal_(isatty(STDERR_FILENO) == 1), next_(std::chrono::steady_clock::now() + kFirst) {}

ReadingProgress::~ReadingProgress() {
  if (written_) std::fputs("\r\x1b[K", stderr);
}

void ReadingProgress::Tell(uint64_t done, uint64_t all) {
  const auto now = std::chrono::steady_clock::now();
  if (!on_terminal_ || now < next_ || all == 0) return;
  next_ = now + kAgain;
  written_ = true;
  std::fprintf(stderr, "\rstray: reading %s: %llu of %llu MB (%llu %%)\x1b[K", path_.c_str(),
               static_cast<unsigned long long>(done / kMegabyte),
               static_cast<unsigned long long>(all / kMegabyte),
               static_cast<unsigned long long>(done * 100 / all));
  std::fflush(stderr);
}

}  // namespace stray::analyzer
