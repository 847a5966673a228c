// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/peers.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "analyzer/analysis/describe.h"

namespace stray::analyzer {
namespace {

constexpr PeerSide kPeerSides[] = {{"chan send", "receive", "received from it"},
                                   {"chan receive", "send", "sent on it"},
                                   {"sync.Cond.Wait", "signal", "signalled it"},
                                   {"sync.WaitGroup.Wait", "done", "called Done on it"},
                                   {"semacquire", "release", "released it"}};

}  // namespace

const PeerSide* PeerSideOf(absl::string_view wait_reason) {
  const auto* found = std::find_if(std::begin(kPeerSides), std::end(kPeerSides),
                                   [&](const PeerSide& one) { return one.wait_reason == wait_reason; });
  return found == std::end(kPeerSides) ? nullptr : found;
}

std::vector<const wire::Use*> UsesOfSide(const wire::Object& object, const PeerSide& peers) {
  std::vector<const wire::Use*> found;
  for (const wire::Use& use : object.uses()) {
    if (use.side() == peers.side) found.push_back(&use);
  }
  return found;
}

std::string LastPeerSentence(const ProcessModel& process, absl::string_view wait_reason, uint32_t object) {
  const PeerSide* peers = PeerSideOf(wait_reason);
  const wire::Object* record = process.FindObject(object);
  if (peers == nullptr || record == nullptr || record->uses().empty()) return "";
  const std::vector<const wire::Use*> uses = UsesOfSide(*record, *peers);
  if (uses.empty()) {
    return record->other_uses() != 0 ? "" : absl::StrCat(" Nobody has ", peers->did, " so far.");
  }
  const wire::Use& last = *uses.front();
  const wire::Task* task = process.FindTask(last.task());
  // What is kept is the place of a task's first time.
  const std::string place = last.count() == 1 ? AtPlace(PlaceLabel(process, last.site())) : "";
  return absl::StrCat(" The last one that ", peers->did, " was ", TaskLabel(process, last.task()), place,
                      task != nullptr && task->finished() ? ", which has ended since." : ".");
}

}  // namespace stray::analyzer
