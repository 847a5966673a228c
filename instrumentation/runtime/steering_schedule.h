// SPDX-License-Identifier: Apache-2.0
// steering_schedule.h: the file of STRAY_SCHED=steer:FILE, read (agent/wire/steering.h says what stands in it).
#ifndef STRAY_INSTRUMENTATION_RUNTIME_STEERING_SCHEDULE_H_
#define STRAY_INSTRUMENTATION_RUNTIME_STEERING_SCHEDULE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stray::runtime {

struct SteeringSchedule {
  struct Turn {
    uint32_t name;  // in `names`
    uint64_t points;
    bool may_wait;  // it is over, too, when the goroutine waits behind these points
  };

  std::string outcome;  // path; empty: nobody asks
  uint64_t seed = 1;
  std::vector<std::string> names;  // of goroutines, each once
  std::vector<Turn> turns;
};

// False if `text` is none; `error` says what is wrong, and in which line.
bool ParseSteeringSchedule(std::string_view text, SteeringSchedule* schedule, std::string* error);

// The same for the file at `path`.
bool ReadSteeringSchedule(const char* path, SteeringSchedule* schedule, std::string* error);

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_STEERING_SCHEDULE_H_
