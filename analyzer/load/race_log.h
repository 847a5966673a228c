// SPDX-License-Identifier: Apache-2.0
// race_log.h: text logs of race detectors: ThreadSanitizer's, and Go's; and of go-deadlock.
//
// A log may be what the detector was told to write (log_path=FILE, one for each process), or all that a
// program, a test runner or a build server printed. Reports are picked out of it, and what belongs to no report
// is passed over. A file may hold reports of several processes; each becomes one of the model. A report that is
// cut, frames that are missing and reports that the detector has counted but that are not there are named in
// Model::damage.
#ifndef STRAY_ANALYZER_LOAD_RACE_LOG_H_
#define STRAY_ANALYZER_LOAD_RACE_LOG_H_

#include <string>

#include "absl/strings/string_view.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// True if there is something in `bytes` that a race detector prints. Looks at all of them.
bool LooksLikeRaceLog(absl::string_view bytes);

// Where a log comes from. What the agent has kept of one process is whole, and how many reports its detector
// says it has printed tells nothing more: a forked child goes on counting where its parent was.
enum class LogSource { kFile, kProcess };

// Indexed, with at least one process. `name` is used in messages; a number at its end (log.4711) is taken for
// the process where the text tells none.
Model ReadRaceLog(absl::string_view bytes, const std::string& name, LogSource source = LogSource::kFile);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_RACE_LOG_H_
