// SPDX-License-Identifier: Apache-2.0
// trace_merge.h: the events of all threads of a process in one order in which they can have happened.
#ifndef STRAY_ANALYZER_LOAD_TRACE_MERGE_H_
#define STRAY_ANALYZER_LOAD_TRACE_MERGE_H_

#include <functional>
#include <string>
#include <vector>

#include "analyzer/load/trace_blocks.h"

namespace stray::analyzer {

// Calls `on_event` with each event of `blocks`, in the order of the process's clock; those that have no value
// of it follow the one before them in their stream. `stream`: the task whose thread it was. What cannot be read
// of a stream, and all after it, is left out and told in `damage`.
void MergeTrace(absl::Span<const wire::TraceBlock> blocks,
                const std::function<void(uint32_t stream, const TraceWords& event)>& on_event,
                std::vector<std::string>& damage);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_TRACE_MERGE_H_
