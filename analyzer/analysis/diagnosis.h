// SPDX-License-Identifier: Apache-2.0
// diagnosis.h: everything the findings about one snapshot are derived from, worked out once.
#ifndef STRAY_ANALYZER_ANALYSIS_DIAGNOSIS_H_
#define STRAY_ANALYZER_ANALYSIS_DIAGNOSIS_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "analyzer/analysis/cycles.h"
#include "analyzer/analysis/evidence.h"
#include "analyzer/analysis/wait_graph.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// Tasks that the list of default ignores names, by what the list says about them.
struct Background {
  absl::flat_hash_set<uint32_t> foreign;  // never run code of the program, whether reported or not
  absl::flat_hash_set<uint32_t> ignored;  // not to be reported
};
// `use_list` false: nothing is ignored. `snapshot` null: only ended tasks are looked at.
Background FindBackground(const ProcessModel& process, const SnapshotModel* snapshot, bool use_list);

// Who last signalled, posted or woke an object, as far as the rings remember.
struct LastWaker {
  uint32_t task = 0;
  wire::Event event;
};

class Diagnosis {
 public:
  using Node = WaitGraph::Node;

  // All arguments must outlive it.
  Diagnosis(const ProcessModel& process, const SnapshotModel& snapshot, const Background& background);

  const ProcessModel& process() const { return graph_.process(); }
  const wire::Snapshot& info() const { return graph_.snapshot().info; }
  const WaitGraph& graph() const { return graph_; }
  const EvidenceMaker& evidence() const { return evidence_; }
  const std::vector<Circle>& circles() const { return circles_; }
  const std::vector<WakerLink>& wakers() const { return wakers_; }

  bool at_exit() const { return IsExitSnapshot(info()); }
  bool IsLive(Node node) const { return live_[node]; }

  // A task that counts at all: it has not finished, and it did not end the program.
  bool IsLeft(Node task) const;
  bool IsIgnored(Node task) const { return IsIgnoredTask(graph_.task(task).state->task()); }
  bool IsIgnoredTask(uint32_t id) const { return background_.ignored.contains(id); }

  // The circle that `task` is part of, or else stuck behind; kNoCircle if there is none.
  uint32_t CircleOf(Node task) const { return circle_of_[task]; }
  bool IsInCircle(Node task) const { return in_circle_[task]; }

  // Tasks that count, and among them those that can never move again.
  size_t left_count() const { return left_count_; }
  size_t stuck_count() const { return stuck_count_; }

  // True if every task is blocked and nothing can end it.
  bool IsAllStuck() const;

  // The last task that signalled `object`, or task 0. Reads all rings at the first call.
  LastWaker LastWakerOf(uint32_t object) const;

 private:
  const Background& background_;
  const WaitGraph graph_;
  const std::vector<bool> live_;
  const std::vector<WakerLink> wakers_;
  const std::vector<Circle> circles_;
  const std::vector<uint32_t> circle_of_;
  const EvidenceMaker evidence_;
  std::vector<bool> in_circle_;
  size_t left_count_ = 0;
  size_t stuck_count_ = 0;
  mutable bool wakers_read_ = false;
  mutable absl::flat_hash_map<uint32_t, LastWaker> last_wakers_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_DIAGNOSIS_H_
