// SPDX-License-Identifier: Apache-2.0
// wait_rates.h: how many of the waits that end a process counts, for its block and mutex profiles.
#ifndef STRAY_ANALYZER_CLI_RUN_WAIT_RATES_H_
#define STRAY_ANALYZER_CLI_RUN_WAIT_RATES_H_

#include <sys/types.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "analyzer/cli/run/box_view.h"

namespace stray::analyzer {

// As runtime.SetBlockProfileRate() and SetMutexProfileFraction() of Go take them.
struct WaitRates {
  std::chrono::nanoseconds block{0};  // one wait is counted for so much waiting; 0: none
  uint32_t mutex_fraction = 0;        // one of so many waits for locks is counted; 0: none

  bool AreOff() const { return block.count() == 0 && mutex_fraction == 0; }
};

// What profiles over some seconds count with where nothing else was said: all waits of 10 us and more, and all
// waits for locks.
inline constexpr WaitRates kUsualWaitRates = {.block = std::chrono::microseconds(10), .mutex_fraction = 1};

// Adds --block-profile-rate and --mutex-profile-fraction. `rates` must outlive `app`.
void AddWaitRateOptions(CLI::App& app, WaitRates& rates);

// Those that the process counts with.
WaitRates WaitRatesOf(const BoxView& box);

// The process counts with other ones from the next RequestSnapshot() on, for `limit` at most; 0: without a
// limit.
absl::Status SetWaitRates(const BoxView& box, const WaitRates& rates, std::chrono::nanoseconds limit);

// Stretches of time in which processes count that otherwise would not. They may overlap.
class WaitRateStretches {
 public:
  // Before the snapshot that a stretch of `length` begins with. A process that counts already, as it was told
  // to, goes on as it is.
  absl::Status Begin(const BoxView& box, std::chrono::nanoseconds length);

  // After the snapshot that it ends with. `box` may have ended meanwhile.
  void End(const BoxView& box);

 private:
  absl::flat_hash_map<pid_t, size_t> open_;  // stretches, of processes that count because of them
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_WAIT_RATES_H_
