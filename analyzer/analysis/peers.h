// SPDX-License-Identifier: Apache-2.0
// peers.h: who could end a wait that no holder and no join explains: those that have used the other side.
//
// Of objects of the goroutine runtime that is kept with the object: the last four tasks of each side, and how
// often. Of conditions, semaphores and futexes of threads it is read off the rings of recent events, so a count
// of these says how often at least.
#ifndef STRAY_ANALYZER_ANALYSIS_PEERS_H_
#define STRAY_ANALYZER_ANALYSIS_PEERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
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

// " In another order of the same events it could have met main, which sends on it at f (a.cc:3)." or " No order
// of the events lets it meet those that sent on it."; "" if there is no trace, or it says nothing of what
// `task` waits for.
std::string MeetingSentence(const ProcessModel& process, uint32_t task);

// What one task did on one side of an object.
struct Peer {
  uint32_t task = 0;
  std::string operation;  // send, done, signal, ...: Use.side, or a word of event_kinds.inc
  std::string did;        // "received from it"
  uint64_t count = 0;
  bool at_least = false;  // `count` is of the rings, `site` of the last time; else it is of the first
  bool last = false;      // nobody has used this side since
  wire::Site site;
};

class PeerTable {
 public:
  // `process` must outlive it. Reads the rings when it is first asked for what is not kept with an object.
  explicit PeerTable(const ProcessModel& process) : process_(process) {}

  // Those that have done what ends such a wait for `object`, the last one first.
  std::vector<Peer> Of(absl::string_view wait_reason, uint32_t object) const;
  // All that is known of who has used `object`, on whichever side.
  std::vector<Peer> OfAllSides(uint32_t object) const;

 private:
  const std::vector<Peer>& FromRings(uint32_t object) const;

  const ProcessModel& process_;
  mutable bool rings_read_ = false;
  mutable absl::flat_hash_map<uint32_t, std::vector<Peer>> from_rings_;  // the last one first
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_PEERS_H_
