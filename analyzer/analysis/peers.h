// SPDX-License-Identifier: Apache-2.0
// peers.h: who could end a wait at an object of the goroutine runtime: those that use its other side.
#ifndef STRAY_ANALYZER_ANALYSIS_PEERS_H_
#define STRAY_ANALYZER_ANALYSIS_PEERS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

struct PeerSide {
  absl::string_view wait_reason;
  absl::string_view side;  // Use.side
  absl::string_view did;   // "received from it"
};

// Null: no use that is recorded ends such a wait.
const PeerSide* PeerSideOf(absl::string_view wait_reason);

// The uses of that side of `object`, the last one first.
std::vector<const wire::Use*> UsesOfSide(const wire::Object& object, const PeerSide& peers);

// " The last one that received from it was G4, which has ended." or " Nobody has received from it so far."; ""
// if that is not known.
std::string LastPeerSentence(const ProcessModel& process, absl::string_view wait_reason, uint32_t object);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_PEERS_H_
