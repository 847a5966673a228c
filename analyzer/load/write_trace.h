// SPDX-License-Identifier: Apache-2.0
// write_trace.h: recorded traces as text, for people and other analyzers.
#ifndef STRAY_ANALYZER_LOAD_WRITE_TRACE_H_
#define STRAY_ANALYZER_LOAD_WRITE_TRACE_H_

#include <iosfwd>

#include "absl/status/status.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// Writes the trace of the one process in `model` that has one, in the STD format (docs/TRACE.md); `for_rapid`:
// in the words that RAPID knows. What cannot be read of it is told in Model::damage. kInvalidArgument: there is
// none, or there are several.
absl::Status WriteTrace(Model& model, bool for_rapid, std::ostream& out);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_WRITE_TRACE_H_
