// SPDX-License-Identifier: Apache-2.0
// missed_meetings.h: what tasks were about to do to channels and never did, and who could have been the other
// side.
//
// Another order of the events, one that keeps the order of critical sections of each lock (side_by_side.h),
// shows both about to do so. That the other one did it with somebody else in the run, or alone, was chance. Of
// those that one task does at one place only the last is looked at, which is the one that needs to have had the
// least to do with what came before. A select that found its case ready is not looked at: that it was about to
// stands nowhere.
#ifndef STRAY_ANALYZER_TRACE_MISSED_MEETINGS_H_
#define STRAY_ANALYZER_TRACE_MISSED_MEETINGS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analyzer/trace/trace_index.h"

namespace stray::analyzer {

struct MissedMeeting {
  EventIndex event;                  // that was never done: a send or a receive, or a case of a select
  std::vector<EventIndex> partners;  // that it could have met: one for each place in the program
  size_t others;                     // that other tasks did on the other side
  bool are_all_known;                // false: there were others, of which it is not known when they began
};

struct MeetingOptions {
  uint64_t most_steps =
      uint64_t{1} << 26;  // pairs and acquires that are looked at; what is left has no partners
};

// In the order of the trace. Of a select there are several.
std::vector<MissedMeeting> FindMissedMeetings(const TraceIndex& index, const MeetingOptions& options = {});

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_MISSED_MEETINGS_H_
