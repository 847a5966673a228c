// SPDX-License-Identifier: Apache-2.0
// snapshot_request.h: asks a living process for a snapshot, and waits until it stands in the black box.
//
//   reader                                   agent, in the thread that gets the signal
//   request_reason = r; ++request_seq
//   tgkill(snapshot_signal) ------------->   takes the snapshot
//   sleeps on done_seq      <-------------   done_seq = request_seq; wakes
//
// Which thread gets the signal matters to the program: a signal ends some calls early (poll, nanosleep),
// others start again unnoticed (locks, conditions, joins). So those come first; if one does not answer (it
// may block the signal), the next is tried.
#ifndef STRAY_ANALYZER_CLI_RUN_SNAPSHOT_REQUEST_H_
#define STRAY_ANALYZER_CLI_RUN_SNAPSHOT_REQUEST_H_

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "agent/wire/black_box.h"
#include "analyzer/cli/run/box_view.h"

namespace stray::analyzer {

// The kernel ids of the threads worth signalling, best first.
std::vector<pid_t> SignalCandidates(absl::Span<const box::TaskRecord> tasks);

// Returns when a snapshot taken after the call is complete. kNotFound: the process has ended;
// kDeadlineExceeded: no thread answered in `limit`; kPermissionDenied: it is not ours to ask.
// `wants_proof`: the snapshot is to say who can reach what, too, if the process was started for that.
absl::Status RequestSnapshot(const BoxView& box, box::SnapshotReason reason,
                             std::chrono::nanoseconds limit = std::chrono::seconds(5),
                             bool wants_proof = false);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_SNAPSHOT_REQUEST_H_
