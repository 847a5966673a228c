// SPDX-License-Identifier: Apache-2.0
// trace_timeline.h: what each task was doing when, from the trace that the agent has recorded.
#ifndef STRAY_ANALYZER_LOAD_TRACE_TIMELINE_H_
#define STRAY_ANALYZER_LOAD_TRACE_TIMELINE_H_

#include <string>
#include <vector>

#include "analyzer/model/model.h"

namespace stray::analyzer {

// Spans and arrows that are kept: some 40 bytes each. Of a longer trace, short spans are joined.
struct TimelineLimits {
  size_t spans = 2'000'000, arrows = 500'000;
};

// Fills in ProcessModel::timeline, if there is a trace. May add stacks, so it comes before names are looked up,
// and ends with Index(). What cannot be read of the trace is told in `damage`.
void AddTimeline(ProcessModel& process, const TimelineLimits& limits, std::vector<std::string>& damage);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_TRACE_TIMELINE_H_
