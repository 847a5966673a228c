// SPDX-License-Identifier: Apache-2.0
// random_recorded_events.h: events of which no program can have recorded most.
#ifndef STRAY_TESTS_UNIT_ANALYZER_LOAD_RANDOM_RECORDED_EVENTS_H_
#define STRAY_TESTS_UNIT_ANALYZER_LOAD_RANDOM_RECORDED_EVENTS_H_

#include <iterator>
#include <random>
#include <vector>

#include "tests/unit/analyzer/load/recorded_events.h"

namespace stray::analyzer {

// Whatever there is, in whatever order.
inline RecordedEvents RandomEvents(uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&](uint64_t limit) { return random() % limit; };
  RecordedEvents events;
  const uint64_t count = 5 + below(60);
  // Mostly one kind of event.
  const bool is_of_locks = below(2) == 0;
  for (uint64_t i = 0; i < count; ++i) {
    const auto stream = static_cast<uint32_t>(1 + below(4));
    const auto object = static_cast<uint32_t>(1 + below(5));
    if (is_of_locks && below(4) != 0) {
      events.Hook(stream, static_cast<box::EventKind>(1 + below(6)), object, below(3));
      continue;
    }
    constexpr trace::Op kOfChannels[] = {trace::Op::kChannel, trace::Op::kChannelMade, trace::Op::kGroup};
    const auto op = below(8) == 0 ? kOfChannels[below(std::size(kOfChannels))]
                                  : static_cast<trace::Op>(1 + below(trace::kOps - 1));
    const bool is_hook = op == trace::Op::kHook || op == trace::Op::kHookBegun || op == trace::Op::kHookLeft;
    const auto argument = static_cast<uint8_t>(is_hook ? below(27) : below(9));
    std::vector<uint64_t> words = {trace::FirstWord(op, argument, below(6)), below(3 * count), below(40)};
    if (below(30) == 0) words[1 + below(2)] = UINT64_MAX;
    words.resize(trace::WordsOf(op));
    events.Words(stream, words);
  }
  return events;
}

}  // namespace stray::analyzer

#endif  // STRAY_TESTS_UNIT_ANALYZER_LOAD_RANDOM_RECORDED_EVENTS_H_
