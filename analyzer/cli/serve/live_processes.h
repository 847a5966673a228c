// SPDX-License-Identifier: Apache-2.0
// live_processes.h: the processes that can be asked for a snapshot at this moment, and what they answer.
#ifndef STRAY_ANALYZER_CLI_SERVE_LIVE_PROCESSES_H_
#define STRAY_ANALYZER_CLI_SERVE_LIVE_PROCESSES_H_

#include <sys/types.h>

#include <functional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analyzer/cli/run/box_view.h"
#include "analyzer/load/symbolize.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

class LiveProcesses {
 public:
  // `find` lists the boxes there are, of processes that run or do not; `first` is the process that is meant
  // where none is named, as long as it runs.
  LiveProcesses(std::function<std::vector<BoxView>()> find, pid_t first)
      : find_(std::move(find)), first_(first) {}

  // Those that run: the first one first, and then in the order in which they started.
  std::vector<BoxView> Running() const;

  // The one with the number `pid`; "": the first. kNotFound: it does not run, or is not one of them;
  // kInvalidArgument: no number.
  absl::StatusOr<BoxView> Choose(absl::string_view pid) const;

  // A snapshot of it, with names. kDeadlineExceeded: it did not answer.
  absl::StatusOr<Model> Snapshot(const BoxView& box, bool wants_proof);

  // Names of code addresses of it, as the loader has placed them now: of what profiles show there. "": not
  // known.
  absl::StatusOr<std::vector<std::string>> FunctionsAt(const BoxView& box,
                                                       const std::vector<uint64_t>& addresses);

 private:
  std::function<std::vector<BoxView>()> find_;
  pid_t first_;
  Symbolizer symbolizer_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_SERVE_LIVE_PROCESSES_H_
