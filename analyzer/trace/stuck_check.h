// SPDX-License-Identifier: Apache-2.0
// stuck_check.h: whether tasks are stuck for good after a witness. On purpose it shares nothing with what finds
// them but the trace.
#ifndef STRAY_ANALYZER_TRACE_STUCK_CHECK_H_
#define STRAY_ANALYZER_TRACE_STUCK_CHECK_H_

#include <vector>

#include "absl/status/status.h"
#include "analyzer/trace/event.h"

namespace stray::analyzer {

// `events` can happen in this order, and what their tasks do next is `next`: plain sends, plain receives, and
// acquires that wait. Lets all the others go on with what they do in the trace, each as if all came in time
// that somebody may still do, but nothing else. kFailedPrecondition names one of `next` that can go on then, or
// that is no such wait.
absl::Status CheckStuck(const Trace& trace, const std::vector<EventIndex>& events,
                        const std::vector<EventIndex>& next);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_STUCK_CHECK_H_
