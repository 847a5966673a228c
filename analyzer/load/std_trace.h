// SPDX-License-Identifier: Apache-2.0
// std_trace.h: a trace in RAPID's STD format, as what the engines of analyzer/trace find in it.
//
//   race.data           pairs that happens-before does not order, each of which can be scheduled side by side
//   race.predicted      pairs that another order of the same events puts side by side
//   deadlock.predicted  circles of locks that another order of the same events reaches
//
// One report for each two places of the program, or for each circle of places. Each has an order of the events
// that gets there, replayed by a checker of its own before it is believed.
#ifndef STRAY_ANALYZER_LOAD_STD_TRACE_H_
#define STRAY_ANALYZER_LOAD_STD_TRACE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// True if `bytes` begin with an event of that format.
bool LooksLikeStdTrace(absl::string_view bytes);

// Indexed, one process. kInvalidArgument: a line that is no event ("app.std:17: ..."), or events that no
// program can have done. Model::damage names what was not looked for.
absl::StatusOr<Model> ReadStdTrace(absl::string_view bytes, const std::string& name);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_STD_TRACE_H_
