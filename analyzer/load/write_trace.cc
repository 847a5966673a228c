// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/write_trace.h"

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "analyzer/load/recorded_trace.h"
#include "analyzer/trace/rapid_trace.h"
#include "analyzer/trace/std_format.h"
#include "analyzer/trace/trace_index.h"

namespace stray::analyzer {
namespace {

// A name for one thing only: memory that is used again is another variable in the text, too.
void MakeDistinct(std::vector<std::string>& names) {
  absl::flat_hash_map<std::string, uint32_t> counts;
  for (std::string& name : names) {
    const std::string stem = name;
    while (!counts.try_emplace(name, 1).second) name = absl::StrCat(stem, "#", ++counts[stem]);
  }
}

}  // namespace

absl::Status WriteTrace(Model& model, bool for_rapid, std::ostream& out) {
  const auto has_trace = [](const std::unique_ptr<ProcessModel>& process) {
    return !process->trace_blocks.empty();
  };
  const auto found = std::find_if(model.processes.begin(), model.processes.end(), has_trace);
  if (found == model.processes.end()) return absl::InvalidArgumentError("there is no trace in it");
  if (std::find_if(found + 1, model.processes.end(), has_trace) != model.processes.end())
    return absl::InvalidArgumentError("there are traces of several processes in it");
  absl::StatusOr<RecordedTrace> recorded = ReadRecordedTrace(**found, model.damage);
  if (!recorded.ok()) return recorded.status();
  if (const absl::Status usable = TraceIndex::Make(recorded->trace).status(); for_rapid && !usable.ok())
    return usable;
  Trace trace = for_rapid ? ForRapid(recorded->trace) : std::move(recorded->trace);
  for (std::vector<std::string>* names :
       {&trace.tasks, &trace.variables, &trace.locks, &trace.syncs, &trace.channels, &trace.groups})
    MakeDistinct(*names);
  std::string line;
  for (const TraceEvent& event : trace.events) {
    line.clear();
    AppendStd(trace, event, &line);
    out << line;
  }
  return absl::OkStatus();
}

}  // namespace stray::analyzer
