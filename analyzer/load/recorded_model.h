// SPDX-License-Identifier: Apache-2.0
// recorded_model.h: what a model needs besides so that reports can name what is in a recorded trace: its locks,
// the stacks of its events, tasks that have ended.
#ifndef STRAY_ANALYZER_LOAD_RECORDED_MODEL_H_
#define STRAY_ANALYZER_LOAD_RECORDED_MODEL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "analyzer/load/event_maker.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

class RecordedModel {
 public:
  // Adds the locks, and indexes the model. Both must outlive this.
  RecordedModel(const RecordedProgram& program, ProcessModel& process);

  // The number of a stack: where something was, and the callers, as far as instrumented code told of them.
  uint32_t StackAt(uint32_t location, uint32_t callers);
  uint32_t StackAt(const RecordedPlace& place) { return StackAt(place.location, place.callers); }

  // By lock: objects of the model.
  const std::vector<uint32_t>& lock_objects() const { return lock_objects_; }
  // A number that no object has.
  uint32_t NewObject() { return next_object_++; }

  // Tasks that reports name and nobody else knows any more. Indexes the model. `fork_of`: nullopt for a task
  // that none has forked.
  void AddTasks(absl::FunctionRef<std::optional<RecordedPlace>(uint32_t task)> fork_of);

 private:
  void AddLocks();
  uint32_t AddStack(uint32_t location, uint32_t callers);

  const RecordedProgram& program_;
  ProcessModel& process_;
  uint32_t next_stack_ = 1, next_object_ = 1;
  std::vector<uint32_t> lock_objects_;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> stacks_;  // by location and callers
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_RECORDED_MODEL_H_
