// SPDX-License-Identifier: Apache-2.0
// trace_collector.h: takes the traces of the processes of a session out of their black boxes while they are
// written, in a thread of its own, and packs them. A process that has filled its box waits for this.
#ifndef STRAY_ANALYZER_CLI_RUN_TRACE_COLLECTOR_H_
#define STRAY_ANALYZER_CLI_RUN_TRACE_COLLECTOR_H_

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/container/flat_hash_map.h"
#include "analyzer/cli/run/session.h"
#include "analyzer/load/events_that_fit.h"
#include "analyzer/load/trace_blocks.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

class TraceCollector {
 public:
  // `most_bytes`: what all packed traces together may take; after that, no more is taken out of the boxes but
  // thrown away, and a note says so.
  TraceCollector(const Session& session, uint64_t most_bytes);
  ~TraceCollector();
  TraceCollector(const TraceCollector&) = delete;
  TraceCollector& operator=(const TraceCollector&) = delete;

  // The box at `path`, whose process has ended, is about to be removed. Any thread, as below.
  void Keep(const std::string& path);

  // Moves the trace of a process into its model. What it has written is all there will be: call once.
  void MoveTo(ProcessModel& process);

 private:
  class BoxTrace;

  void Run();
  // Looks into all boxes of the session. True if something was there.
  bool TakeAll();
  bool TakeFrom(BoxTrace& trace, bool takes_open);
  BoxTrace* Find(const std::string& path);

  const Session& session_;
  const uint64_t most_bytes_;
  uint64_t bytes_ = 0;
  std::map<std::string, std::unique_ptr<BoxTrace>> boxes_;  // by path
  bool is_over_ = false;
  std::mutex mutex_;
  std::condition_variable wakes_;
  std::thread thread_;
};

// Moves the traces of all processes into `model`, which has just been collected, and adds what they show; of
// those with more events than that only races.
void AddTraces(TraceCollector& traces, EventIndex most_events, Model& model);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_TRACE_COLLECTOR_H_
