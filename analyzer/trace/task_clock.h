// SPDX-License-Identifier: Apache-2.0
// task_clock.h: what tasks know of each other, told and learned.
//
// Who knows a time of a task knows all that the task knew then: its time steps whenever it tells something, so
// that no two Moments of it have the same. Two things follow:
//   - To learn what is known already takes one comparison, however many tasks there are.
//   - To tell takes a copy of the whole clock only if the task has learned something since it last told. Its
//     moments in between differ in its own time only, and share a copy.
#ifndef STRAY_ANALYZER_TRACE_TASK_CLOCK_H_
#define STRAY_ANALYZER_TRACE_TASK_CLOCK_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "analyzer/trace/vector_clock.h"

namespace stray::analyzer {

// A clock that nobody changes, as long as anybody has it. Of one thread, which std::shared_ptr is not made for.
class SharedClock {
 public:
  SharedClock() = default;
  explicit SharedClock(const VectorClock& clock) : shared_(new Shared{clock, 1}) {}
  SharedClock(const SharedClock& other) : shared_(other.shared_) {
    if (shared_ != nullptr) ++shared_->owners;
  }
  SharedClock(SharedClock&& other) noexcept : shared_(std::exchange(other.shared_, nullptr)) {}
  SharedClock& operator=(SharedClock other) noexcept {
    std::swap(shared_, other.shared_);
    return *this;
  }
  ~SharedClock() {
    if (shared_ != nullptr && --shared_->owners == 0) delete shared_;
  }

  bool IsNull() const { return shared_ == nullptr; }

  // As a new one with that content, in the place of the old one if nobody else has it.
  void Assign(const VectorClock& clock) {
    if (shared_ != nullptr && shared_->owners == 1) {
      shared_->clock = clock;
    } else {
      *this = SharedClock(clock);
    }
  }
  const VectorClock& operator*() const { return shared_->clock; }

 private:
  struct Shared {
    VectorClock clock;
    uint64_t owners;
  };
  Shared* shared_ = nullptr;
};

// What a task knew when it told something.
struct Moment {
  uint32_t task = 0;
  uint32_t time = 0;   // 0: nobody has told anything
  SharedClock others;  // its own time is not meant
};

// What several moments told together.
class Moments;

// What one task knows now.
class TaskClock {
 public:
  // Of a task that knows nothing yet.
  TaskClock() = default;
  void Begin(uint32_t task) {
    task_ = task;
    clock_.Set(task, 1);
  }
  bool HasBegun() const { return clock_.Of(task_) != 0; }

  uint32_t Of(uint32_t task) const { return clock_.Of(task); }
  uint32_t now() const { return clock_.Of(task_); }
  bool Knows(const Moment& moment) const { return moment.time <= clock_.Of(moment.task); }

  // Its time steps.
  Moment Tell() {
    Moment moment;
    TellInsteadOf(moment);
    return moment;
  }
  // The same, in the place of what was told before.
  void TellInsteadOf(Moment& moment) {
    if (copy_.IsNull()) {
      moment.others.Assign(clock_);
      copy_ = moment.others;
    } else {
      moment.others = copy_;
    }
    moment.task = task_;
    moment.time = now();
    clock_.Set(task_, moment.time + 1);
  }

  void Learn(const Moment& moment) {
    if (Knows(moment)) return;
    clock_.Join(*moment.others);
    clock_.Set(moment.task, moment.time);  // it was not known
    copy_ = {};
  }
  void Learn(const Moments& moments);

 private:
  uint32_t task_ = 0;
  VectorClock clock_;
  SharedClock copy_;  // the same but for its own time, if nothing was learned since
};

class Moments {
 public:
  // `clock` is that of whose moment it is.
  void Add(Moment moment, const TaskClock& clock) {
    if (all_ == nullptr && clock.Knows(last_)) {
      last_ = std::move(moment);
      return;
    }
    if (all_ == nullptr) {
      all_ = std::make_unique<VectorClock>(*last_.others);
      AddTo(last_, *all_);
      last_ = {};
    }
    all_->Join(*moment.others);
    AddTo(moment, *all_);
  }

 private:
  friend class TaskClock;
  static void AddTo(const Moment& moment, VectorClock& clock) {
    if (clock.Of(moment.task) < moment.time) clock.Set(moment.task, moment.time);
  }

  Moment last_;                       // who told it knew all that was told before
  std::unique_ptr<VectorClock> all_;  // otherwise: all together
};

inline void TaskClock::Learn(const Moments& moments) {
  if (moments.all_ == nullptr) return Learn(moments.last_);
  clock_.Join(*moments.all_);
  copy_ = {};
}

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_TASK_CLOCK_H_
