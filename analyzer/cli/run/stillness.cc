// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/stillness.h"

#include <algorithm>

namespace stray::analyzer {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr nanoseconds kInterval = milliseconds(100);
constexpr nanoseconds kShortestInterval = milliseconds(10);
constexpr nanoseconds kIdleInterval = milliseconds(500);
constexpr nanoseconds kIdleAfter = seconds(10);
constexpr nanoseconds kLongestPause = seconds(60);

}  // namespace

Stillness::Advice Stillness::Look(Time now, uint64_t signature, bool suspicious) {
  if (signature != signature_) {
    signature_ = signature;
    Changed(now);
    return Advice::kNothing;
  }
  if (!suspicious || settled_ || now - decided_ < pause_) return Advice::kNothing;
  if (!probed_) return now - changed_ >= grace_ / 2 ? Advice::kProbe : Advice::kNothing;
  return now - changed_ >= grace_ ? Advice::kDecide : Advice::kNothing;
}

void Stillness::Changed(Time now) {
  changed_ = now;
  probed_ = false;
  settled_ = false;
}

void Stillness::Decided(Time now) {
  decided_ = now;
  settled_ = true;
  pause_ = std::min(std::max(pause_ * 2, grace_), kLongestPause);
}

nanoseconds Stillness::Interval(Time now) const {
  if (now - changed_ > kIdleAfter && now - changed_ > grace_) return kIdleInterval;
  return std::clamp(grace_ / 5, kShortestInterval, kInterval);
}

}  // namespace stray::analyzer
