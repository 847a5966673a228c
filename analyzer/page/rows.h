// SPDX-License-Identifier: Apache-2.0
// rows.h: the tasks and objects of the page, as columns.
//
// Tasks of the snapshots come first, in their order; behind them those that something refers to although they
// are in none: creators that have ended, parties of a race. Objects come in the order in which they are
// referred to, so those of findings come first, and have details even where there are too many for all to have
// them.
#ifndef STRAY_ANALYZER_PAGE_ROWS_H_
#define STRAY_ANALYZER_PAGE_ROWS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "analyzer/analysis/lock_holders.h"
#include "analyzer/analysis/peers.h"
#include "analyzer/analysis/reachability.h"
#include "analyzer/model/model.h"
#include "analyzer/page/tables.h"
#include "analyzer/report/recent_events.h"
#include "analyzer/report/task_verdicts.h"

namespace stray::analyzer {

// One process, with what is looked up about it again and again.
struct ProcessFacts {
  explicit ProcessFacts(const ProcessModel& process);

  const ProcessModel& process;
  const SnapshotModel* snapshot;  // that it is judged by, or null
  LockHolders holders;
  PeerTable peers;
  std::optional<Reachability> reachability;  // nullopt: nothing is known
};

class Rows {
 public:
  // All must outlive it.
  Rows(const Model& model, const TaskVerdicts& verdicts, Texts& texts, Lists& lists, Stacks& stacks);

  // Row + 1; 0 for id 0, and for a process that is not of the model.
  Number Task(const ProcessModel& process, uint32_t id);
  Number Object(const ProcessModel& process, uint32_t id);

  // `row` (+ 1) is part of the finding with that number; the first one counts.
  void SetFinding(Number row, Number finding) { findings_.try_emplace(row, finding); }

  const ProcessFacts& FactsOf(const ProcessModel& process) const { return *facts_.at(&process); }

  // All rows, in the end: {"tasks": columns, "objects": columns}, once all that refers to rows has its numbers.
  Json ToJson();

 private:
  struct TaskRow {
    const ProcessFacts* facts = nullptr;
    uint32_t id = 0;
    const wire::TaskState* state = nullptr;  // null: it is in no snapshot
  };
  struct ObjectRow {
    const ProcessFacts* facts = nullptr;
    uint32_t id = 0;
  };
  struct TaskColumns;

  void FillTask(const TaskRow& row, TaskColumns& columns);
  Number HeldOf(const ProcessModel& process, const wire::TaskState& state);
  Number CasesOf(const ProcessModel& process, const wire::TaskState& state);
  Number LabelsOf(const ProcessModel& process, uint32_t task);
  Json TasksJson(const TaskColumns& columns) const;
  Json ObjectsJson();
  Json HoldersJson(const ObjectRow& row);
  Json DetailJson(const ObjectRow& row, const wire::Object& object, const RecentEvents& events);
  Json UsesJson(const ObjectRow& row);
  Json ReachJson(const ObjectRow& row, const wire::Object& object);

  const Model& model_;
  const TaskVerdicts& verdicts_;
  Texts& texts_;
  Lists& lists_;
  Stacks& stacks_;
  absl::flat_hash_map<const ProcessModel*, std::unique_ptr<ProcessFacts>> facts_;
  absl::flat_hash_map<const ProcessModel*, Number> process_numbers_;
  absl::flat_hash_map<std::pair<const ProcessModel*, uint32_t>, Number> task_rows_, object_rows_;
  absl::flat_hash_map<Number, Number> findings_;
  std::vector<TaskRow> tasks_;
  std::vector<ObjectRow> objects_;
  size_t live_ = 0;  // rows of tasks that are in snapshots
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_PAGE_ROWS_H_
