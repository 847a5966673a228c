// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/write_trace.h"

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "analyzer/load/recorded_trace.h"
#include "analyzer/trace/rapid_trace.h"
#include "analyzer/trace/std_format.h"
#include "analyzer/trace/trace_index.h"

namespace stray::analyzer {

absl::Status WriteTrace(Model& model, bool for_rapid, std::ostream& out) {
  const auto has_trace = [](const std::unique_ptr<ProcessModel>& process) {
    return !process->trace_blocks.empty();
  };
  const auto found = std::find_if(model.processes.begin(), model.processes.end(), has_trace);
  if (found == model.processes.end()) return absl::InvalidArgumentError("there is no trace in it");
  if (std::find_if(found + 1, model.processes.end(), has_trace) != model.processes.end())
    return absl::InvalidArgumentError("there are traces of several processes in it");
  const absl::StatusOr<RecordedTrace> recorded = ReadRecordedTrace(**found, model.damage);
  if (!recorded.ok()) return recorded.status();
  if (const absl::Status usable = TraceIndex::Make(recorded->trace).status(); for_rapid && !usable.ok())
    return usable;
  const Trace trace = for_rapid ? ForRapid(recorded->trace) : recorded->trace;
  std::string line;
  for (const TraceEvent& event : trace.events) {
    line.clear();
    AppendStd(trace, event, &line);
    out << line;
  }
  return absl::OkStatus();
}

}  // namespace stray::analyzer
