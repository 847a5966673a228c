// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/wait_rates.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <ctime>

#include "analyzer/cli/options.h"

namespace stray::analyzer {
namespace {

using std::chrono::nanoseconds;

// A stretch may end somewhat late; a process whose stretch nobody ends stops by itself.
constexpr std::chrono::seconds kGrace(10);
constexpr uint32_t kMostFraction = 1000000;

// On the clock of the black box.
uint64_t MonotonicNow() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

template <typename T>
bool WriteField(const FileDescriptor& fd, size_t offset, T value) {
  return pwrite(fd.get(), &value, sizeof(value), static_cast<off_t>(offset)) ==
         static_cast<ssize_t>(sizeof(value));
}

}  // namespace

void AddWaitRateOptions(CLI::App& app, WaitRates& rates) {
  AddDuration(app, "--block-profile-rate", rates.block,
              "Count waits that end: one for so much waiting (0: none, default)");
  app.add_option("--mutex-profile-fraction", rates.mutex_fraction,
                 "Count one of so many waits for locks (0: none, default)")
      ->check(CLI::Range(uint32_t{0}, kMostFraction).description(""))
      ->type_name("N");
}

WaitRates WaitRatesOf(const BoxView& box) {
  const uint64_t until = LoadShared(box.header().profile_until_ns);
  if (until != 0 && MonotonicNow() > until) return {};
  return {.block = nanoseconds(LoadShared(box.header().block_rate_ns)),
          .mutex_fraction = LoadShared(box.header().mutex_fraction)};
}

absl::Status SetWaitRates(const BoxView& box, const WaitRates& rates, nanoseconds limit) {
  const FileDescriptor fd = OpenBoxFile(box.path(), O_RDWR);
  if (!fd.IsOpen()) return absl::ErrnoToStatus(errno, box.path());
  const uint64_t until = limit.count() == 0 ? 0 : MonotonicNow() + static_cast<uint64_t>(limit.count());
  const bool is_written = WriteField(fd, offsetof(box::BlackBoxHeader, profile_until_ns), until) &&
                          WriteField(fd, offsetof(box::BlackBoxHeader, block_rate_ns),
                                     static_cast<uint64_t>(rates.block.count())) &&
                          WriteField(fd, offsetof(box::BlackBoxHeader, mutex_fraction), rates.mutex_fraction);
  return is_written ? absl::OkStatus() : absl::ErrnoToStatus(errno, box.path());
}

absl::Status WaitRateStretches::Begin(const BoxView& box, nanoseconds length) {
  const auto found = open_.find(box.pid());
  if (found == open_.end() && !WaitRatesOf(box).AreOff()) return absl::OkStatus();
  // Not shorter than what a longer stretch needs that began before.
  const uint64_t until = found == open_.end() ? 0 : LoadShared(box.header().profile_until_ns);
  const uint64_t now = MonotonicNow();
  const nanoseconds left(until > now ? until - now : 0);
  const absl::Status set = SetWaitRates(box, kUsualWaitRates, std::max<nanoseconds>(length + kGrace, left));
  if (set.ok()) ++open_[box.pid()];
  return set;
}

void WaitRateStretches::End(const BoxView& box) {
  const auto found = open_.find(box.pid());
  if (found == open_.end() || --found->second > 0) return;
  open_.erase(found);
  // What cannot be written any more ends by its limit.
  SetWaitRates(box, {}, nanoseconds::zero()).IgnoreError();
}

}  // namespace stray::analyzer
