// SPDX-License-Identifier: Apache-2.0
// vector_clock.h: how much of what each task has done is known to somebody.
#ifndef STRAY_ANALYZER_TRACE_VECTOR_CLOCK_H_
#define STRAY_ANALYZER_TRACE_VECTOR_CLOCK_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stray::analyzer {

// The later one of each two times. Of a fixed size, since at -O2 only such loops become vector instructions.
template <size_t kCount>
void JoinTimes(uint32_t* __restrict mine, const uint32_t* __restrict theirs) {
  for (size_t i = 0; i < kCount; ++i) mine[i] = std::max(mine[i], theirs[i]);
}

// A time for each task, 0 for those that it has no room for. One flat row: up to some dozens of tasks a
// processor compares and joins several at once.
class VectorClock {
 public:
  uint32_t Of(uint32_t task) const { return task < times_.size() ? times_[task] : 0; }

  void Set(uint32_t task, uint32_t time) {
    if (task >= times_.size()) times_.resize(task + 1);
    times_[task] = time;
  }

  // The later time of each task.
  void Join(const VectorClock& other) {
    if (other.times_.size() > times_.size()) times_.resize(other.times_.size());
    if (this == &other) return;
    uint32_t* const mine = times_.data();
    const uint32_t* const theirs = other.times_.data();
    const size_t count = other.times_.size();
    constexpr size_t kBlock = 32;
    size_t i = 0;
    for (; i + kBlock <= count; i += kBlock) JoinTimes<kBlock>(mine + i, theirs + i);
    for (; i < count; ++i) mine[i] = std::max(mine[i], theirs[i]);
  }

 private:
  std::vector<uint32_t> times_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_VECTOR_CLOCK_H_
