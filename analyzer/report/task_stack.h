// SPDX-License-Identifier: Apache-2.0
// task_stack.h: where the tasks of a snapshot stand, and which of their frames to show.
#ifndef STRAY_ANALYZER_REPORT_TASK_STACK_H_
#define STRAY_ANALYZER_REPORT_TASK_STACK_H_

#include <vector>

#include "absl/types/span.h"
#include "analyzer/analysis/finding.h"
#include "analyzer/analysis/frames.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// Where the task stands: its stack, or the one place that is known of it. Role "blocked" or "running"; a
// blocked task of which nothing is known is marked missing.
EvidenceStack TaskStack(const ProcessModel& process, const wire::TaskState& state);

// The frames of user code and what stands between them, innermost first: without the agent's, without what user
// code called to wait, without what started the thread. All but the agent's if there is no user code.
std::vector<FrameView> FramesToShow(const ProcessModel& process, absl::Span<const uint64_t> addresses);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_TASK_STACK_H_
