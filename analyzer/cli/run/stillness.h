// SPDX-License-Identifier: Apache-2.0
// stillness.h: when a run has stood still for so long that it is worth asking whether it is deadlocked.
//
// Pure: time and observations come in, advice goes out. Looks are cheap and frequent; a probe (every
// thread's kernel state) costs more and is asked for only when looks found nothing moving for half of the
// grace; a decision (a snapshot, which sends a signal) costs most and disturbs, so it is asked for only when
// the grace is over, and ever more rarely if decisions keep finding nothing.
//
//   change          probe              decide                 decide, if still nothing changed
//     |--grace / 2--->|---grace / 2----->|--- not before the pause is over
#ifndef STRAY_ANALYZER_CLI_RUN_STILLNESS_H_
#define STRAY_ANALYZER_CLI_RUN_STILLNESS_H_

#include <chrono>
#include <cstdint>

namespace stray::analyzer {

class Stillness {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Advice { kNothing, kProbe, kDecide };

  Stillness(std::chrono::nanoseconds grace, Time now) : grace_(grace), changed_(now), decided_(now - grace) {}

  // `signature` is equal to the last one if nothing moved since; `suspicious` if what is blocked now could
  // be a deadlock at all. kProbe: call Probed(). kDecide: probe again, and call Changed() or Decided().
  Advice Look(Time now, uint64_t signature, bool suspicious);

  // A probe was taken; the next advice may be kDecide.
  void Probed() { probed_ = true; }

  // Something moved that Look() cannot see, or time passed without looks (the machine or stray was stopped).
  void Changed(Time now);

  // The run was analyzed and goes on: not again until something has changed, and not soon.
  void Decided(Time now);

  // How long to wait until the next look.
  std::chrono::nanoseconds Interval(Time now) const;

 private:
  std::chrono::nanoseconds grace_;
  Time changed_;                       // when something last moved
  Time decided_;                       // when the last decision found nothing
  std::chrono::nanoseconds pause_{0};  // between decisions
  uint64_t signature_ = 0;
  bool probed_ = false;   // since changed_
  bool settled_ = false;  // decided since changed_
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_STILLNESS_H_
