// SPDX-License-Identifier: Apache-2.0
// witness_check.h: replays witnesses. On purpose it shares nothing with what makes them but the trace.
#ifndef STRAY_ANALYZER_TRACE_WITNESS_CHECK_H_
#define STRAY_ANALYZER_TRACE_WITNESS_CHECK_H_

#include <initializer_list>
#include <vector>

#include "absl/status/status.h"
#include "analyzer/trace/event.h"
#include "analyzer/trace/witness.h"

namespace stray::analyzer {

// Every task does what it did, from its start on; reads read from the same write; a lock has one holder, or
// only such as read; a task runs once it is forked, and is joined when it is through; who awaits or depends
// comes after all that was before it on that sync; what has been sent was begun before the channel was closed,
// and nothing is received because of that unless somebody closes it. kFailedPrecondition says which event
// cannot happen there, or why what is next is no race (no deadlock). The work for the whole trace is done once,
// that for a witness depends on its length.
class WitnessChecker {
 public:
  // `trace` must outlive it.
  explicit WitnessChecker(const Trace& trace);

  absl::Status CheckRace(const Witness& witness) const;
  absl::Status CheckDeadlock(const Witness& witness) const;
  // At least one waits for a channel, at least one for a lock, and none of them goes on whatever the others may
  // still do of what they did in the trace.
  absl::Status CheckMixed(const Witness& witness) const;
  // One closes a channel, the other sends to it, not by a select, or closes it, too.
  absl::Status CheckClose(const Witness& witness) const;
  // One sends to a channel, the other receives from it.
  absl::Status CheckMeeting(const Witness& witness) const;
  // A done whose wait group has had as many as adds.
  absl::Status CheckNegative(const Witness& witness) const;

 private:
  class Replay;
  // Replays it: two tasks are to do something to the same channel next, by one of the first operations, and one
  // of the second.
  absl::Status CheckPair(const Witness& witness, std::initializer_list<TraceOp> some,
                         std::initializer_list<TraceOp> others) const;
  static absl::Status ReplayAll(const Witness& witness, Replay& replay);

  const Trace& trace_;
  std::vector<std::vector<EventIndex>> program_;  // by task
  std::vector<EventIndex> reads_from_;            // by event
  std::vector<bool> is_forked_;                   // by task: the trace forks it
  std::vector<std::vector<EventIndex>> gifts_;    // by sync: signals and provides
  std::vector<bool> is_closed_;                   // by channel: somebody closes it in the trace
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_WITNESS_CHECK_H_
