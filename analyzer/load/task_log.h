// SPDX-License-Identifier: Apache-2.0
// task_log.h: texts of elsewhere that list tasks.
//
//   go_dump.h           what Go's runtime and leak tests print of goroutines
//   go_profile_text.h   Go's profiles with debug=1
//   thread_dump.h       backtraces of all threads by gdb, pstack and eu-stack
//
// A text may hold several of them, between other output, with a test runner's spaces or a build server's times
// before each line. Each dump becomes a process of the model with one snapshot, the reason of which is
// "listing". A block that cannot be read is passed over and counted; what is cut is said in Model::damage.
#ifndef STRAY_ANALYZER_LOAD_TASK_LOG_H_
#define STRAY_ANALYZER_LOAD_TASK_LOG_H_

#include <string>

#include "absl/strings/string_view.h"
#include "analyzer/load/load_progress.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// True if there is something in `bytes` that lists tasks. Looks at all of them if need be.
bool LooksLikeTaskLog(absl::string_view bytes);

// Indexed, with at least one process. `name` is used in messages.
Model ReadTaskLog(absl::string_view bytes, const std::string& name, const LoadProgress& progress = nullptr);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_TASK_LOG_H_
