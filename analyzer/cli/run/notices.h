// SPDX-License-Identifier: Apache-2.0
// notices.h: processes of a run that could have no black box, and said so (agent/recorder/notice.h).
#ifndef STRAY_ANALYZER_CLI_RUN_NOTICES_H_
#define STRAY_ANALYZER_CLI_RUN_NOTICES_H_

#include <string>

#include "absl/types/span.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// Adds a process with a Gap for each notice of `paths`, indexed. One that cannot be read is damage.
void AddUnwatched(absl::Span<const std::string> paths, Model& model);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_NOTICES_H_
