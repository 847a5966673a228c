// SPDX-License-Identifier: Apache-2.0
// harvest.h: takes the black boxes of processes that have ended out of the session while the run goes on.
//
// A build or a test suite starts thousands of processes; each leaves some hundred kilobytes in shared memory.
// What most of them have to tell is that they were there, so that is what is kept of them.
#ifndef STRAY_ANALYZER_CLI_RUN_HARVEST_H_
#define STRAY_ANALYZER_CLI_RUN_HARVEST_H_

#include <string>

#include "analyzer/cli/run/trace_collector.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

class Harvest {
 public:
  // `keep_all`: keep all records of every process, because dumps are wanted.
  // `traces`: who takes traces out of boxes, or null.
  explicit Harvest(bool keep_all, TraceCollector* traces = nullptr) : keep_all_(keep_all), traces_(traces) {}

  // Reads the box at `path`, whose process has ended or become another program, and removes the file. What
  // cannot be read stays where it is, and is explained at the end of the run.
  void Take(const std::string& path);

  // Moves what was taken into `model`.
  void MoveTo(Model& model);

 private:
  const bool keep_all_;
  TraceCollector* const traces_;
  Model taken_;
};

// Drops what only findings need: stacks, objects, events, modules. Tasks and snapshots stay.
void KeepOnlyCounts(ProcessModel& process);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_HARVEST_H_
