// SPDX-License-Identifier: Apache-2.0
// steering_plan.h: from a prediction in a recorded trace to turns of goroutines by which a run of the same
// program gets there (agent/wire/steering.h).
//
// A witness is an order of events; what can be steered is less: a goroutine that runs is stopped at scheduling
// points only, where operations of the runtime begin. What it does between two of them is one step. So each
// goroutine has a turn for as long as its events follow each other in the witness, up to the end of the step.
// What the witness does not say of a step is done, too; that is an unlock, mostly, or an access that races
// anyway.
#ifndef STRAY_ANALYZER_LOAD_STEERING_PLAN_H_
#define STRAY_ANALYZER_LOAD_STEERING_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "analyzer/load/recorded_trace.h"
#include "analyzer/model/model.h"
#include "analyzer/trace/witness.h"

namespace stray::analyzer {

struct SteeringPlan {
  struct Turn {
    uint32_t name;  // in `names`
    uint64_t points;
    bool may_wait;
    uint64_t place;  // in the program, where it comes to: a return address, or 0
  };

  // A goroutine.
  struct Name {
    std::string descent;  // 1.2
    uint32_t task;        // in the model
  };

  std::vector<Name> names;
  std::vector<Turn> turns;
  std::vector<uint32_t> threads;  // in the model: those of what happens next that are no goroutines
  bool is_one_step = false;       // one of them would take both of its locks without passing a scheduling point

  // As STRAY_SCHED=steer:FILE reads it. `outcome`: path, or empty.
  std::string Text(absl::string_view outcome, uint64_t seed) const;
};

// A prediction, as it was found in a trace.
struct FoundWitness {
  RecordedTrace recorded;
  Witness witness;
  bool is_deadlock = false;
};

// The witness of `report`, one of `process`, whose trace is read again for it. kNotFound: there is no trace, or
// nothing of the kind in it.
absl::StatusOr<FoundWitness> FindWitness(ProcessModel& process, const wire::SanitizerReport& report);

// `is_reversed`: of a race, who is the last one to get there.
SteeringPlan PlanSteering(const FoundWitness& found, bool is_reversed);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_STEERING_PLAN_H_
