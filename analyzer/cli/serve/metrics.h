// SPDX-License-Identifier: Apache-2.0
// metrics.h: counts of tasks, waits and findings, in the text format of Prometheus.
#ifndef STRAY_ANALYZER_CLI_SERVE_METRICS_H_
#define STRAY_ANALYZER_CLI_SERVE_METRICS_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "analyzer/cli/pipeline.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// What only grows, of each process, from one time to the next: a task that has ended is forgotten elsewhere.
class MetricsHistory {
 public:
  struct Totals {
    uint64_t threads = 0, goroutines = 0;  // created so far
    uint64_t snapshots = 0;                // taken for metrics
  };

  // Forgets those that are none of `processes`.
  void Keep(const std::vector<const ProcessModel*>& processes);

  // Adds what the snapshot of `process` shows, and returns what there is now.
  const Totals& Update(const ProcessModel& process);

 private:
  std::map<std::pair<pid_t, uint64_t>, Totals> totals_;  // by process and when it started
};

// `processes` have a snapshot each, and go with what was found in them. `silent`: pids of processes that did
// not answer.
std::string MetricsText(const std::vector<std::pair<const ProcessModel*, const Verdict*>>& processes,
                        const std::vector<pid_t>& silent, MetricsHistory& history);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_SERVE_METRICS_H_
